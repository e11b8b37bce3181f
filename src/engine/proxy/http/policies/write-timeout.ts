import { writeTimeout as definition } from '../../../../shared/path/policies/write-timeout.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Emit, Exchange, PolicyImpl, BodyFilter } from '../policy.ts';

/** Go’s http.Server.WriteTimeout: a deadline nobody notices until something is written past it. */
export const writeTimeout: PolicyImpl<typeof definition> = {
  bodyFilter(x, params, emit) {
    const { after } = params;
    return after > 0 ? new DeadlineFilter(x, x.startedAt + after, `written after ${durationText(after)}`, emit) : null;
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
    const why = { by: definition.id, cause: 'close-after', detail: this.#detail } as const;
    this.#x.end({ client: 'fin', server, withoutHead: true, why });
  }

  drop(): void {}
}
