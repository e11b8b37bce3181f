import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Emit, Exchange, Policy, BodyFilter } from '../policy.ts';

/** Go’s http.Server.WriteTimeout: a deadline nobody notices until something is written past it. */
export const writeTimeout: Policy = {
  id: 'write-timeout',
  label: 'Write timeout (Go)',
  what: 'Silence is never cut, but the first byte written after this age ends the connection, heartbeats included.',
  params: {
    after: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 60_000, min: 0, max: 864_000_000 },
  },
  disabledParams: { after: 0 },
  summary: (params) => `no writes after ${durationText(Number(params['after']))}`,
  http: {
    bodyFilter(x, params, emit) {
      const after = Number(params['after']);
      return after > 0
        ? new DeadlineFilter(x, x.startedAt + after, `written after ${durationText(after)}`, emit)
        : null;
    },
  },
};

class DeadlineFilter implements BodyFilter {
  readonly holdsHead: boolean;
  #x: Exchange;
  #due: number;
  #detail: string;
  #emit: Emit;

  constructor(x: Exchange, due: number, detail: string, emit: Emit) {
    this.#x = x;
    this.#due = due;
    this.#detail = detail;
    this.#emit = emit;
    this.holdsHead = this.#late;
  }

  get #late(): boolean {
    return this.#x.clock.now() >= this.#due;
  }

  push(bytes: Uint8Array): void {
    if (!this.#late) this.#emit(bytes);
    else this.#expire('fin');
  }

  end(): void {
    if (this.#late) this.#expire('none');
  }

  #expire(server: 'fin' | 'none'): void {
    const why = { by: writeTimeout.id, cause: 'close-after', detail: this.#detail } as const;
    this.#x.end({ client: 'fin', server, withoutHead: true, why });
  }

  drop(): void {}
}
