import { Failure, codeOf, type FailureData } from '../../../shared/failure.ts';

/** A Failure with its HTTP status. */
export class HttpError extends Failure {
  readonly status: number;
  readonly headers: Record<string, string>;

  constructor(status: number, data: FailureData, headers: Record<string, string> = {}) {
    super(data);
    this.status = status;
    this.headers = headers;
  }
}

const STATUS_OF_CODE: Record<string, number> = { 'channel-ended': 409, 'too-many-channels': 429 };

/** The log under the server cannot do it now, and the client is not to blame. */
export const isLogFailure = (thrown: unknown): boolean =>
  !(thrown instanceof HttpError) && (codeOf(thrown)?.startsWith('log-') ?? false);

/** The status for anything that may be thrown while a request is answered. */
export function statusOf(thrown: unknown): number {
  if (thrown instanceof HttpError) return thrown.status;
  if (isLogFailure(thrown)) return 503;
  if (thrown instanceof Failure) return STATUS_OF_CODE[thrown.code] ?? 400;
  return 500;
}
