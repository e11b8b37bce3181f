import { Failure, type FailureData } from '../../shared/failure.ts';

/** A Failure that knows which HTTP status it is. */
export class Refusal extends Failure {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, data: FailureData, headers: Record<string, string> = {}) {
    super(data);
    this.status = status;
    this.headers = headers;
  }
}

const STATUS: Record<string, number> = { 'channel-ended': 409, 'too-many-channels': 429 };

/** The status for anything that may be thrown while a request is answered. */
export function statusOf(thrown: unknown): number {
  if (thrown instanceof Refusal) return thrown.status;
  if (thrown instanceof Failure) return STATUS[thrown.code] ?? 400;
  return 500;
}
