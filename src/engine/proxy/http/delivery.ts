import type { Stage } from '../stretch.ts';
import { chunk, field, LAST_CHUNK, writeHead } from './framing.ts';
import type { Exchange, Hooks, Valve } from './policy.ts';

/** One policy, as it is set for this connection. */
export interface Part {
  stage: Stage;
  hooks: Hooks;
}

export interface DeliverySetup {
  x: Exchange;
  parts: readonly Part[];
  /** The client speaks HTTP/1.0: an answer without a length ends with the connection. */
  http10: boolean;
  /** The client lets its connection be kept. */
  keep: boolean;
  write(bytes: Uint8Array | string): void;
}

/** Over this, a body that is held back goes on all the same. */
const HELD_LIMIT = 16 * 1024 * 1024;

/** One answer on its way to the client: through the valves of the policies, then framed anew. */
export class Delivery {
  headSent = false;
  keep: boolean;
  #set: DeliverySetup;
  #valves: Valve[] = [];
  #out: 'chunks' | 'raw' = 'raw';
  #bodiless = false;
  #held = 0;

  constructor(setup: DeliverySetup) {
    this.#set = setup;
    this.keep = setup.keep;
  }

  get #over(): boolean {
    return this.#set.x.phase === 'over';
  }

  /** The head of the answer is there, as the policies want it. */
  begin(): void {
    const { x, parts } = this.#set;
    const { status } = x.response!;
    this.#bodiless = x.request.method === 'HEAD' || status === 204 || status === 304;
    // The valve nearest the origin takes the bytes, the one nearest the client hands them out.
    let emit = (bytes: Uint8Array): void => this.#toClient(bytes);
    for (const { stage, hooks } of parts) {
      const valve = hooks.valve?.(x, stage.params, emit);
      if (this.#over) return;
      if (!valve) continue;
      this.#valves.unshift(valve);
      emit = (bytes) => valve.push(bytes);
    }
    if (!this.#valves.some((valve) => valve.holdsHead)) this.sendHead();
  }

  sendHead(): void {
    const { x, http10, write } = this.#set;
    if (this.headSent || this.#over || !x.response) return;
    this.headSent = true;
    const { status, reason, fields } = x.response;
    const head = [...fields];
    if (!this.#bodiless && field(x.response, 'content-length') === undefined) {
      if (http10) this.keep = false;
      else {
        this.#out = 'chunks';
        head.push(['Transfer-Encoding', 'chunked']);
      }
    }
    if (this.keepAliveMs('origin') === 0) this.keep = false;
    if (!this.keep) head.push(['Connection', 'close']);
    else if (http10) head.push(['Connection', 'keep-alive']);
    write(writeHead(`HTTP/1.1 ${status} ${reason}`, head));
  }

  /** The shortest of the limits for idle client connections; null when there is none. */
  keepAliveMs(after: 'origin' | 'proxy'): number | null {
    const limits = this.#set.parts
      .map(({ stage, hooks }) => hooks.keepAliveMs?.(stage.params, after, this.#set.x) ?? null)
      .filter((ms) => ms !== null);
    return limits.length > 0 ? Math.min(...limits) : null;
  }

  /** Nothing looks into the body, and it goes on in chunks: those of the origin will do. */
  get takesChunks(): boolean {
    return this.headSent && this.#out === 'chunks' && !this.#bodiless && this.#valves.length === 0;
  }

  payload(bytes: Buffer): void {
    const first = this.#valves[0];
    if (!first) return this.#toClient(bytes);
    this.#held += bytes.length;
    first.push(bytes);
    if (this.#held <= HELD_LIMIT || this.#over) return;
    this.flush();
    this.#held = 0;
  }

  /** Everything that is held back goes on. */
  flush(): void {
    for (const valve of this.#valves) {
      if (!this.#over) valve.end();
    }
  }

  /** The end of the body, as if it were whole. False: this answer has none but the end of the connection. */
  finish(): boolean {
    this.sendHead();
    if (this.#out === 'chunks') this.#set.write(LAST_CHUNK);
    return this.#out === 'chunks';
  }

  /** Nothing more goes to the client; what is held back is lost. */
  drop(): void {
    for (const valve of this.#valves) valve.drop();
    this.#valves = [];
  }

  #toClient(bytes: Uint8Array): void {
    if (this.#over) return;
    this.sendHead();
    if (bytes.length === 0 || this.#bodiless || this.#over) return;
    this.#set.write(this.#out === 'chunks' ? chunk(bytes) : bytes);
  }
}
