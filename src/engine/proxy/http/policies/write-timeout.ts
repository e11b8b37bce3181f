import { spanText } from '../../../faults/words.ts';
import type { Emit, Exchange, Policy, Valve } from '../policy.ts';

/** Go’s http.Server.WriteTimeout: a deadline nobody notices until something is written past it. */
export const writeTimeout: Policy = {
  id: 'write-timeout',
  label: 'Write timeout (Go)',
  what: 'Silence is never cut, but the first byte written after this age ends the connection, heartbeats included.',
  params: {
    after: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 60_000, min: 0, max: 864_000_000 },
  },
  off: { after: 0 },
  short: (params) => `no writes after ${spanText(Number(params['after']))}`,
  http: {
    valve(x, params, emit) {
      const after = Number(params['after']);
      return after > 0 ? new DeadlineValve(x, x.begunAt + after, `written after ${spanText(after)}`, emit) : null;
    },
  },
};

class DeadlineValve implements Valve {
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
    else this.#die('fin');
  }

  end(): void {
    if (this.#late) this.#die('none');
  }

  #die(server: 'fin' | 'none'): void {
    const why = { by: writeTimeout.id, cause: 'close-after', detail: this.#detail } as const;
    this.#x.end({ client: 'fin', server, bare: true, why });
  }

  drop(): void {}
}
