import { STATUS_CODES } from 'node:http';
import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { ParamValues } from '../../../shared/path/params.ts';
import type { Random } from '../../../shared/random.ts';
import type { Direction, ClosedInfo, CloseMode } from '../tcp/faults/fault.ts';
import type { AppliedStep } from '../tcp/pipeline.ts';
import { ResponseWriter, type ActivePolicy } from './response-writer.ts';
import { encodeChunk, LAST_CHUNK, type BodyReader } from './body-reader.ts';
import { dropConnectionFields, requestedProtocols } from './connection-fields.ts';
import { dropField, field, listIncludes, listOf, setField, writeHead } from './framing.ts';
import type { Field, RequestHead, ResponseHead } from './framing.ts';
import {
  isPolicy,
  NON_IDEMPOTENT,
  type SyntheticResponse,
  type UpstreamFailure,
  type ExchangeEnding,
  type Exchange,
  type ExchangePhase,
} from './policy.ts';
import type {
  ResponseSink,
  ErrorPage,
  AbortPropagation,
  RequestFailure,
  ExchangeWatcher,
  Attribution,
} from './policy.ts';
import type { UpstreamHandler, Upstream } from './upstream.ts';

/** What an exchange needs of the client's connection. */
export interface ClientConnection {
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  readonly steps: readonly AppliedStep[];
  /** Nothing written reaches the client any more. */
  readonly clientGone: boolean;
  /** False: wait for `drained`. */
  write(bytes: Uint8Array | string): boolean;
  openUpstream(): Promise<Upstream>;
  /** The origin's connection is free for the next request. */
  releaseUpstream(up: Upstream): void;
  recordBytes(dir: Direction, bytes: number): void;
  /** Reads on, or waits, at the client's side. */
  setReading(on: boolean): void;
  /** The exchange is over; `keep` the connection for another request. */
  exchangeFinished(keep: boolean): void;
  /** Ends the client's connection and with it the exchange. */
  endClient(how: CloseMode, closed: ClosedInfo | null, step?: AppliedStep | null): void;
  faultFired(step: AppliedStep | null, closed: ClosedInfo): void;
  /** The rest of what the client has sent, raw, and all that follows. */
  startTunnel(): void;
}

/** A request body up to this size may be sent again. */
const REPLAY_LIMIT = 1024 * 1024;

/** Timers that run while a client connection is between requests. */
const idleTimers = new WeakMap<ClientConnection, Cancel>();

/** One request through the intermediary, from its head to the end of its answer. */
export class HttpExchange implements Exchange, UpstreamHandler {
  readonly random: Random;
  readonly startedAt: number;
  requestSentAt: number;
  phase: ExchangePhase = 'waiting';
  request: RequestHead;
  response: ResponseHead | null = null;
  upgrade: string | null = null;
  #client: ClientConnection;
  #body: BodyReader;
  #policies: ActivePolicy[];
  #watchers: ExchangeWatcher[] = [];
  #writer: ResponseWriter;
  #up: Upstream | null = null;
  #dialling = false;
  #attempts = 0;
  #requestSent = false;
  #pendingBody: Buffer[] = [];
  /** The request body so far, for a retry; null where no policy retries or it is too long. */
  #replayBody: Buffer[] | null;
  #replayBytes = 0;
  #requestEnded = false;
  #http10: boolean;
  #clientEnd: 'fin' | 'rst' | null = null;
  #responseDiscarded = false;
  #protocolSwitched = false;
  #answeredLocally = false;
  #overCallbacks: (() => void)[] = [];

  constructor(host: ClientConnection, request: RequestHead, body: BodyReader, random: Random) {
    idleTimers.get(host)?.();
    this.#client = host;
    this.request = request;
    this.#body = body;
    this.random = random;
    this.startedAt = this.requestSentAt = host.clock.now();
    this.#http10 = request.version === '1.0';
    const connection = field(request, 'connection');
    this.#requestEnded = body.done;
    // RFC 9110, 7.8 and 10.1.1: HTTP/1.0 knows neither; and what follows a body could be taken for the new protocol.
    if (listIncludes(connection, 'upgrade') && !this.#http10 && body.by === 'nothing')
      this.upgrade = requestedProtocols(field(request, 'upgrade'));
    if (this.#http10) dropField(request, 'expect');
    dropConnectionFields(request);
    this.#policies = host.steps.flatMap((step) => (isPolicy(step.fault) ? [{ step, hooks: step.fault.http }] : []));
    this.#replayBody = this.#policies.some(({ hooks }) => hooks.shouldRetry) ? [] : null;
    this.#writer = new ResponseWriter({
      x: this,
      policies: this.#policies,
      http10: this.#http10,
      keepAlive: this.#http10 ? listIncludes(connection, 'keep-alive') : !listIncludes(connection, 'close'),
      write: (bytes) => this.#write(bytes),
    });
  }

  get headSent(): boolean {
    return this.#protocolSwitched || this.#writer.headSent;
  }

  get requestComplete(): boolean {
    return this.#requestEnded;
  }

  get lane(): string | null {
    return this.#client.lane;
  }

  get clock(): Clock {
    return this.#client.clock;
  }

  get store(): Map<string, unknown> {
    return this.#client.store;
  }

  /** Runs the request hooks, nearest the client first, and asks the origin. */
  async start(): Promise<void> {
    for (const { step, hooks } of this.#policies) {
      const wait = hooks.request?.(this, step.params);
      if (wait) await wait;
      if (this.#over || this.#answeredLocally) return;
    }
    for (const { step, hooks } of this.#policies) {
      const watch = hooks.watch?.(this, step.params);
      if (watch) this.#watchers.push(watch);
      if (this.#over) return;
    }
    await this.#sendRequest();
  }

  get #over(): boolean {
    return this.phase === 'over';
  }

  async #sendRequest(): Promise<void> {
    this.#attempts++;
    this.#requestSent = false;
    this.#dialling = true;
    const up = await this.#client.openUpstream();
    this.#dialling = false;
    if (this.#over) return up.reused ? this.#client.releaseUpstream(up) : up.destroy();
    this.#up = up;
    this.requestSentAt = this.clock.now();
    up.serve(this.request.method, this);
  }

  retryUpstream(why: RequestFailure): boolean {
    if (this.phase !== 'waiting' || this.#answeredLocally || !this.#replayBody) return false;
    if (!this.#policies.some(({ step, hooks }) => hooks.shouldRetry?.(this, step.params, this.#attempts, why)))
      return false;
    this.#up?.end('fin', this.clock);
    this.#up = null;
    this.#pendingBody = [...this.#replayBody];
    this.#client.setReading(true);
    void this.#sendRequest();
    return true;
  }

  // ---- what the client says

  /** Payload of the request's body. */
  requestPayload(bytes: Buffer): void {
    this.#notifyByte('up');
    this.#sendToOrigin(this.#body.by === 'chunks' ? encodeChunk(bytes) : bytes);
  }

  #sendToOrigin(bytes: Buffer): void {
    this.#replayBytes += bytes.length;
    if (this.#replayBytes > REPLAY_LIMIT) this.#replayBody = null;
    this.#replayBody?.push(bytes);
    if (!this.#requestSent) this.#pendingBody.push(bytes);
    else if (!this.#up!.write(bytes)) this.#client.setReading(false);
  }

  requestEnd(): void {
    this.#requestEnded = true;
    if (this.#body.by === 'chunks') this.#sendToOrigin(LAST_CHUNK);
  }

  /** Raw bytes in the tunnel. */
  tunnelFromClient(bytes: Buffer): void {
    this.#notifyByte('up');
    if (this.#up && !this.#up.write(bytes)) this.#client.setReading(false);
  }

  drained(): void {
    this.#client.setReading(true);
  }

  /** The client's side takes bytes again. */
  clientDrained(): void {
    this.#up?.socket.resume();
  }

  /** The client has left, politely or not. */
  clientLeft(how: 'fin' | 'rst'): void {
    if (this.#over) return;
    if (this.phase === 'tunnel') return this.#abort(how === 'fin' ? 'fin' : 'rst');
    this.#clientEnd = how;
    this.clientDrained(); // it will not take bytes again, and what waits for that would wait for ever
    const abort = this.#clientAbort(how);
    if (abort.when === 'at-once') this.#abort(abort.as);
  }

  #clientAbort(how: 'fin' | 'rst'): { when: AbortPropagation; as: 'fin' | 'rst' } {
    for (const { step, hooks } of this.#policies) {
      const abort = hooks.clientAbort?.(this, how, step.params);
      if (abort) return abort;
    }
    return { when: 'at-once', as: 'fin' };
  }

  /** The client is gone: closes the upstream and ends the exchange. */
  #abort(as: 'fin' | 'rst'): void {
    this.#finish();
    this.#up?.end(as, this.clock);
    this.#client.endClient(this.#clientEnd === 'rst' ? 'rst' : 'fin', null);
  }

  // ---- what the origin says

  connected(): void {
    if (this.#requestSent || this.#over) return;
    this.#requestSent = true;
    this.requestSentAt = this.clock.now();
    const up = this.#up!;
    const options = this.#upstreamOptions();
    const { method, target } = this.request;
    const head = { fields: [...this.request.fields] };
    if (this.upgrade !== null) head.fields.push(['Upgrade', this.upgrade], ['Connection', 'Upgrade']);
    else if (!options.reuse) head.fields.push(['Connection', 'close']);
    if (this.#body.by === 'chunks') head.fields.push(['Transfer-Encoding', 'chunked']);
    up.write(writeHead(`${method} ${target} HTTP/${options.version}`, head.fields));
    for (const bytes of this.#pendingBody) up.write(bytes);
    this.#pendingBody = [];
    this.#setPhase('waiting');
  }

  #upstreamOptions(): { version: '1.0' | '1.1'; reuse: boolean } {
    for (const { step, hooks } of this.#policies) if (hooks.upstreamOptions) return hooks.upstreamOptions(step.params);
    return { version: '1.1', reuse: true };
  }

  bytesReceived(n: number): void {
    this.#client.recordBytes('down', n);
    this.#notifyByte('down');
  }

  #notifyByte(dir: Direction): void {
    for (const watch of this.#watchers) watch.byte?.(dir);
  }

  #setPhase(phase: ExchangePhase): void {
    this.phase = phase;
    for (const watch of this.#watchers) watch.phase?.();
  }

  interim(head: ResponseHead): void {
    if (!this.headSent && !this.#http10 && !this.#over) {
      dropConnectionFields(head);
      this.#client.write(writeHead(`HTTP/1.1 ${head.status} ${head.reason}`, head.fields));
    }
  }

  maySwitchTo(protocols: string | undefined): boolean {
    const asked = listOf(this.upgrade ?? undefined);
    return this.upgrade !== null && listOf(protocols).every((protocol) => asked.includes(protocol));
  }

  head(head: ResponseHead): void {
    if (this.#over) return;
    this.response = head;
    const fields = head.fields;
    if (head.status === 101) {
      for (const { step, hooks } of this.#policies) hooks.response?.(this, step.params);
      if (this.#over || this.#responseDiscarded) return;
      this.#protocolSwitched = true;
      this.#client.write(writeHead(`HTTP/1.1 101 ${head.reason}`, fields));
      this.#setPhase('tunnel');
      return this.#client.startTunnel();
    }
    dropConnectionFields(head);
    for (const { step, hooks } of this.#policies) {
      hooks.response?.(this, step.params);
      if (this.#over) return;
    }
    this.#setPhase('answering');
    this.#writer.begin();
  }

  payload(bytes: Buffer): void {
    if (this.#over) return;
    this.#writer.payload(bytes);
  }

  get takesChunks(): boolean {
    return this.#writer.takesChunks;
  }

  chunks(bytes: Buffer): void {
    if (!this.#over) this.#write(bytes);
  }

  complete(): void {
    if (this.#over) return;
    this.#writer.flush();
    if (this.#over) return;
    this.#writer.finish();
    if (this.#over) return;
    for (const { step, hooks } of this.#policies) hooks.responseComplete?.(this, step.params);
    const up = this.#up;
    const keep = this.#writer.keepAlive && this.#requestEnded && this.#writer.keepAliveMs('origin') !== 0;
    const spare = up?.reusable && this.#upstreamOptions().reuse && this.#requestEnded && up.alive;
    const clientEnd = this.#clientEnd;
    this.#finish();
    if (up && spare) {
      up.release();
      this.#client.releaseUpstream(up);
    } else up?.end('fin', this.clock);
    if (clientEnd) this.#client.endClient(clientEnd, null);
    else this.#releaseClient(keep);
  }

  tunnel(bytes: Buffer): void {
    if (this.#responseDiscarded) return;
    if (!this.#client.write(bytes)) this.#up?.socket.pause();
  }

  upstreamClosed(how: UpstreamFailure, detail: string): void {
    if (this.#over) return;
    if (this.phase === 'tunnel') {
      this.#finish();
      this.#up!.end(how === 'fin' ? 'fin' : 'rst', this.clock);
      return this.#client.endClient(how === 'fin' ? 'fin' : 'rst', null);
    }
    if (how === 'malformed') return this.#responseMalformed();
    // A kept connection may be closed as a request comes in (RFC 9112, 9.3.1): that request goes out anew.
    const repeatable = this.#body.by === 'nothing' && !NON_IDEMPOTENT.includes(this.request.method);
    if (this.phase === 'waiting' && this.#up?.reused && this.#up.responseBytes === 0 && repeatable) {
      this.#up.destroy();
      this.#up = null;
      this.#attempts--;
      void this.#sendRequest();
      return;
    }
    if (this.phase === 'waiting' && this.retryUpstream(how === 'unreachable' ? how : 'died')) return;
    for (const { step, hooks } of this.#policies) if (hooks.upstreamClosed?.(this, how, step.params)) return;
    if (this.phase === 'waiting') {
      const fired = how === 'unreachable' ? { fired: { cause: 'target-unreachable' as const, detail } } : {};
      return this.respond({ status: 502, server: 'fin', ...fired });
    }
    this.end({ client: 'fin', server: 'fin', flush: true });
  }

  /** RFC 9112, 6.3: the answer is thrown away, and no part of it looks whole. */
  #responseMalformed(): void {
    if (!this.headSent) return this.respond({ status: 502, close: true, server: 'fin' });
    const endsWithConnection = this.#http10 && field(this.response!, 'content-length') === undefined;
    this.end({ client: endsWithConnection ? 'rst' : 'fin', server: 'fin', flush: true });
  }

  // ---- what policies do

  respond({ status, reason, fields = [], body, close = false, server, fired }: SyntheticResponse): void {
    if (this.#over || this.headSent) return;
    if (fired) {
      const { by, ...why } = fired;
      const closed = {
        client: 'fin',
        server,
        said: String(status),
        ...why,
      } as const;
      this.#client.faultFired(this.#stepOf(by), closed);
    }
    const errorPage = reason === undefined && body === undefined ? this.#errorPage(status, fired?.cause) : null;
    const reasonPhrase = reason ?? errorPage?.reason ?? STATUS_CODES[status] ?? '';
    const bodiless = this.request.method === 'HEAD' || status === 204 || status === 304;
    const defaultPage = `<html><body><h1>${status} ${reasonPhrase}</h1></body></html>\r\n`;
    const content = body ?? (bodiless ? '' : (errorPage?.body ?? defaultPage));
    const head: { fields: Field[] } = { fields: [...fields] };
    if (content !== '' && body === undefined) setField(head, 'Content-Type', errorPage?.type ?? 'text/html');
    if (!bodiless || content !== '') setField(head, 'Content-Length', String(Buffer.byteLength(content, 'latin1')));
    const keep = this.#writer.keepAlive && !close && this.#requestEnded && this.#writer.keepAliveMs('proxy') !== 0;
    if (!keep) setField(head, 'Connection', 'close');
    const text = writeHead(`HTTP/1.1 ${status} ${reasonPhrase}`, head.fields);
    this.#write(Buffer.from(this.request.method === 'HEAD' ? text : text + content, 'latin1'));
    if (this.#over) return;
    const clientEnd = this.#clientEnd;
    this.#finish();
    this.#endUpstream(server);
    if (clientEnd) this.#client.endClient(clientEnd, null);
    else this.#releaseClient(keep);
  }

  /** How the error looks; null where it is not about the origin. */
  #errorPage(status: number, cause: Cause | undefined): ErrorPage | null {
    if (status < 400 || cause === 'refuse') return null;
    const failure = cause === undefined ? 'died' : cause === 'target-unreachable' ? 'unreachable' : 'silent';
    const reasonPhrase = STATUS_CODES[status] ?? '';
    for (const { step, hooks } of this.#policies)
      if (hooks.errorPage) return hooks.errorPage(step.params, status, failure, reasonPhrase);
    return null;
  }

  end(ending: ExchangeEnding): void {
    if (this.#over) return;
    const { client, server, why } = ending;
    const tunnel = this.phase === 'tunnel';
    const clean = client === 'clean' && this.phase === 'answering';
    if (ending.flush) this.#writer.flush();
    if (this.#over) return;
    if (!ending.withoutHead && this.phase === 'answering') this.#writer.sendHead();
    if (client === 'close-1001' && tunnel) this.#client.write(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
    const mode: CloseMode = client === 'clean' || client === 'close-1001' ? 'fin' : client;
    const closed: ClosedInfo | null = why ? { client: mode, server, cause: why.cause, detail: why.detail } : null;
    if (clean && this.#writer.finish()) {
      if (this.#over) return;
      const keep = this.#writer.keepAlive && this.#requestEnded && !ending.close;
      if (closed) this.#client.faultFired(this.#stepOf(why?.by), { ...closed, said: 'clean end' });
      this.#finish();
      this.#endUpstream(server);
      return this.#releaseClient(keep);
    }
    this.#finish();
    this.#endUpstream(server);
    this.#client.endClient(this.#clientEnd ?? mode, closed, this.#stepOf(why?.by));
  }

  /** The connection is free for another request, or ends. */
  #releaseClient(keep: boolean): void {
    const client = this.#client;
    client.exchangeFinished(keep);
    if (!keep) return;
    const cancels = this.#policies.flatMap(({ step, hooks }) => {
      const close = (why: Omit<Attribution, 'by'>): void =>
        client.endClient('fin', { client: 'fin', server: 'fin', ...why }, step);
      return hooks.idle?.(this, step.params, close) ?? [];
    });
    if (cancels.length > 0) idleTimers.set(client, () => cancels.forEach((cancel) => cancel()));
  }

  openResponse(): ResponseSink {
    this.#answeredLocally = true;
    return this;
  }

  discardResponse(): void {
    this.#responseDiscarded = true;
  }

  #stepOf(id: string | undefined): AppliedStep | null {
    return this.#policies.find(({ step }) => step.fault.definition.id === id)?.step ?? null;
  }

  count(params: ParamValues): number {
    // Equal steps have keys of their own, and count each for themselves.
    const key = this.#policies.find(({ step }) => step.params === params)?.step.key ?? '';
    const counts = (this.store.get('counts') as Map<string, number> | undefined) ?? new Map<string, number>();
    this.store.set('counts', counts);
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  }

  onceOver(fn: () => void): void {
    if (this.#over) fn();
    else this.#overCallbacks.push(fn);
  }

  /** The connection is gone from under it. */
  drop(server: CloseMode): void {
    if (this.#over) return;
    this.#finish();
    this.#up?.end(server, this.clock);
  }

  destroy(): void {
    this.#finish();
    this.#up?.destroy();
  }

  #endUpstream(server: CloseMode | 'none'): void {
    const up = this.#up;
    if (!up) return;
    if (server === 'none' && up.alive && !this.#dialling) up.release();
    else up.end(server === 'none' ? 'fin' : server, this.clock);
  }

  #finish(): void {
    if (this.#over) return;
    this.#writer.drop();
    for (const watch of this.#watchers) watch.stop();
    this.#watchers = [];
    this.#setPhase('over');
    const callbacks = this.#overCallbacks;
    this.#overCallbacks = [];
    for (const fn of callbacks) fn();
  }

  #write(bytes: Uint8Array | string): void {
    if (this.#clientEnd !== null) {
      const abort = this.#clientAbort(this.#clientEnd);
      if (abort.when === 'never') return;
      if (abort.when === 'on-write' && (this.#client.clientGone || abort.as === 'rst')) return this.#abort(abort.as);
    }
    if (bytes.length > 0 && !this.#client.write(bytes)) this.#up?.socket.pause();
  }
}
