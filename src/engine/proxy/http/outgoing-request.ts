import type { CloseMode } from '../tcp/faults/fault.ts';
import { encodeChunk, LAST_CHUNK, type BodyReader } from './body-reader.ts';
import type { ClientConnection } from './client-connection.ts';
import { dropField, writeHead, type RequestHead } from './message.ts';
import type { UpstreamOptions } from './policy.ts';
import type { Upstream } from './upstream.ts';

/** A request body up to this size may be sent again. */
const REPLAY_LIMIT = 1024 * 1024;
/** More of a body than this does not wait for a connection. */
const PENDING_LIMIT = 1024 * 1024;

/** The request on its way to the origin: a connection for it, its head, its body, and the same again for a retry. */
export class OutgoingRequest {
  upstream: Upstream | null = null;
  /** How often it was sent. */
  attempts = 0;
  /** All of it has come from the client. */
  complete: boolean;
  readonly version: '1.0' | '1.1';
  #reuse: boolean;
  #client: ClientConnection;
  #body: BodyReader;
  #sent = false;
  #abandoned = false;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** The body so far, for a retry; null where no policy retries or it is too long. */
  #replay: Buffer[] | null;
  #replayBytes = 0;

  constructor(client: ClientConnection, body: BodyReader, options: UpstreamOptions, mayRetry: boolean) {
    this.#client = client;
    this.#body = body;
    // Chunks are for HTTP/1.1 alone (RFC 9112, 6.1). nginx, asked for HTTP/1.0, waits for the body and sends its length.
    this.version = body.by === 'chunks' ? '1.1' : options.version;
    this.#reuse = options.reuse;
    this.complete = body.done;
    this.#replay = mayRetry ? [] : null;
  }

  get hasBody(): boolean {
    return this.#body.by !== 'nothing';
  }

  get canReplay(): boolean {
    return this.#replay !== null;
  }

  /** @returns the connection to serve; null where nobody waits for it any more */
  async connect(): Promise<Upstream | null> {
    this.attempts++;
    this.#sent = false;
    const up = await this.#client.openUpstream();
    if (this.#abandoned) {
      if (up.reused) this.#client.releaseUpstream(up);
      else up.destroy();
      return null;
    }
    return (this.upstream = up);
  }

  /** The connection is there: the head goes, and what has come of the body. False: it went already. */
  send({ method, target, fields }: RequestHead, upgrade: string | null): boolean {
    const up = this.upstream;
    if (this.#sent || !up) return false;
    this.#sent = true;
    const head = { fields: [...fields] };
    if (upgrade !== null) head.fields.push(['Upgrade', upgrade], ['Connection', 'Upgrade']);
    else if (!this.#reuse) head.fields.push(['Connection', 'close']);
    if (this.version === '1.0') dropField(head, 'expect'); // RFC 9110, 10.1.1
    if (this.#body.by === 'chunks') head.fields.push(['Transfer-Encoding', 'chunked']);
    up.write(writeHead(`${method} ${target} HTTP/${this.version}`, head.fields));
    for (const bytes of this.#pending) up.write(bytes);
    if (this.#pendingBytes > PENDING_LIMIT) this.#client.setReading(true);
    this.#pending = [];
    this.#pendingBytes = 0;
    return true;
  }

  payload(bytes: Buffer): void {
    this.#take(this.#body.by === 'chunks' ? encodeChunk(bytes) : bytes);
  }

  end(): void {
    this.complete = true;
    if (this.#body.by === 'chunks') this.#take(LAST_CHUNK);
  }

  #take(bytes: Buffer): void {
    this.#replayBytes += bytes.length;
    if (this.#replayBytes > REPLAY_LIMIT) this.#replay = null;
    this.#replay?.push(bytes);
    if (this.#sent) return this.write(bytes);
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes > PENDING_LIMIT) this.#client.setReading(false);
  }

  /** Bytes to the origin, as they are. */
  write(bytes: Buffer): void {
    if (this.upstream && !this.upstream.write(bytes)) this.#client.setReading(false);
  }

  /** Another connection is to follow, with all of it again. */
  reset(): void {
    this.upstream = null;
    if (!this.#replay) return;
    this.#pending = [...this.#replay];
    this.#pendingBytes = this.#replayBytes;
  }

  /** `none` leaves its connection as it is, and nobody listens to it any more. */
  close(how: CloseMode | 'none'): void {
    this.#abandoned = true;
    const up = this.upstream;
    if (!up) return;
    if (how === 'none' && up.alive) up.release();
    else up.end(how === 'none' ? 'fin' : how, this.#client.clock);
  }

  /** The answer is whole, and the connection may serve another request. */
  release(): void {
    const up = this.upstream;
    if (!up) return;
    const spare = up.reusable && this.#reuse && this.complete && up.alive;
    if (!spare) return this.close('fin');
    up.release();
    this.#client.releaseUpstream(up);
  }

  destroy(): void {
    this.#abandoned = true;
    this.upstream?.destroy();
  }
}
