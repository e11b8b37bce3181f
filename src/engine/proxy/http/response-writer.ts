import type { ActivePolicies } from './active-policies.ts';
import { encodeChunk, LAST_CHUNK } from './body-reader.ts';
import { field, writeHead } from './message.ts';
import type { BodyFilter, Exchange } from './policy.ts';

export interface ResponseWriterSetup {
  x: Exchange;
  policies: ActivePolicies;
  /** The client speaks HTTP/1.0: an answer without a length ends with the connection. */
  http10: boolean;
  /** The client lets its connection be kept. */
  keepAlive: boolean;
  /** The head is about to be sent. False: it may not be, now. */
  headSent(): boolean;
  write(bytes: Uint8Array | string): void;
}

/** Over this, a body that is held back goes on all the same. */
const HELD_LIMIT = 16 * 1024 * 1024;

/** Writes one response to the client: through the body filters of the policies, then framed anew. */
export class ResponseWriter {
  keepAlive: boolean;
  #setup: ResponseWriterSetup;
  #filters: BodyFilter[] = [];
  #framing: 'chunks' | 'raw' = 'raw';
  #headSent = false;
  #bodiless = false;
  #heldBytes = 0;
  /** Nothing more goes to the client. */
  #closed = false;

  constructor(setup: ResponseWriterSetup) {
    this.#setup = setup;
    this.keepAlive = setup.keepAlive;
  }

  /** The head of the answer is there, as the policies want it. */
  begin(): void {
    const { x, policies } = this.#setup;
    const { status } = x.response!;
    this.#bodiless = x.request.method === 'HEAD' || status === 204 || status === 304;
    // The filter nearest the origin takes the bytes, the one nearest the client emits them.
    let emit = (bytes: Uint8Array): void => this.#toClient(bytes);
    policies.each(({ step, hooks }) => {
      const filter = hooks.bodyFilter?.(x, step.params, emit);
      if (!filter) return;
      this.#filters.unshift(filter);
      emit = (bytes) => filter.push(bytes);
    });
    if (!this.#filters.some((filter) => filter.holdsHead)) this.sendHead();
  }

  sendHead(): void {
    const { x, http10, write, policies, headSent } = this.#setup;
    if (this.#headSent || this.#closed || !x.response || !headSent()) return;
    this.#headSent = true;
    const { status, reason, fields } = x.response;
    const head = [...fields];
    if (!this.#bodiless && field(x.response, 'content-length') === undefined) {
      if (http10) this.keepAlive = false;
      else {
        this.#framing = 'chunks';
        head.push(['Transfer-Encoding', 'chunked']);
      }
    }
    if (policies.keepAliveMs('origin') === 0) this.keepAlive = false;
    if (!this.keepAlive) head.push(['Connection', 'close']);
    else if (http10) head.push(['Connection', 'keep-alive']);
    write(writeHead(`HTTP/1.1 ${status} ${reason}`, head));
  }

  /** Nothing looks into the body, and it goes on in chunks: those of the origin will do. */
  get takesChunks(): boolean {
    return this.#headSent && this.#framing === 'chunks' && !this.#bodiless && this.#filters.length === 0;
  }

  payload(bytes: Buffer): void {
    const first = this.#filters[0];
    if (!first) return this.#toClient(bytes);
    this.#heldBytes += bytes.length;
    first.push(bytes);
    if (this.#heldBytes <= HELD_LIMIT) return;
    this.flush();
    this.#heldBytes = 0;
  }

  /** Everything that is held back goes on. */
  flush(): void {
    for (const filter of [...this.#filters]) if (!this.#closed) filter.end();
  }

  /** The end of the body, as if it were whole. False: this answer has none but the end of the connection. */
  finish(): boolean {
    this.sendHead();
    if (this.#framing !== 'chunks' || this.#closed) return false;
    this.#setup.write(LAST_CHUNK);
    return !this.#closed;
  }

  /** Nothing more goes to the client; what is held back is lost. */
  drop(): void {
    this.#closed = true;
    for (const filter of this.#filters.splice(0)) filter.drop();
  }

  #toClient(bytes: Uint8Array): void {
    this.sendHead();
    if (bytes.length === 0 || this.#bodiless || this.#closed) return;
    this.#setup.write(this.#framing === 'chunks' ? encodeChunk(bytes) : bytes);
  }
}
