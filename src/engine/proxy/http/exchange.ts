import type { Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { ClosedInfo, CloseMode, Direction } from '../tcp/faults/fault.ts';
import { ActivePolicies } from './active-policies.ts';
import type { BodyReader } from './body-reader.ts';
import type { ClientConnection } from './client-connection.ts';
import { dropConnectionFields, requestedProtocols } from './connection-fields.ts';
import { ExchangeState } from './exchange-state.ts';
import { dropField, field, listIncludes, listOf, writeHead } from './message.ts';
import type { RequestHead, ResponseHead } from './message.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { NON_IDEMPOTENT } from './policy.ts';
import type { Exchange, ExchangeEnding, ExchangePhase, ExchangeWatcher } from './policy.ts';
import type { RequestFailure, ResponseSink, SyntheticResponse, UpstreamFailure } from './policy.ts';
import { ResponseWriter } from './response-writer.ts';
import { encodeResponse } from './synthetic-response.ts';
import type { UpstreamHandler } from './upstream.ts';

/** What becomes of either side as an exchange ends. */
interface Sides {
  /** `release`: free for another request where it can be; `destroy`: at once, in no way at all. */
  upstream: CloseMode | 'none' | 'release' | 'destroy';
  /** `keep`: for another request; `none`: it is not for the exchange to say. */
  client: CloseMode | 'keep' | 'none';
  closed?: ClosedInfo | null;
  by?: string | undefined;
}

/** Close frames: going away, and a message too big (RFC 6455, 7.4.1). */
const CLOSE_FRAMES: Partial<Record<ExchangeEnding['client'], Buffer>> = {
  'close-1001': Buffer.from([0x88, 0x02, 0x03, 0xe9]),
  'close-1009': Buffer.from([0x88, 0x02, 0x03, 0xf1]),
};
const CONTINUE = writeHead('HTTP/1.1 100 Continue', []);

/** One request through the intermediary, from its head to the end of its answer. */
export class HttpExchange implements Exchange, UpstreamHandler {
  readonly random: Random;
  readonly startedAt: number;
  requestSentAt: number;
  request: RequestHead;
  response: ResponseHead | null = null;
  upgrade: string | null = null;
  #state = new ExchangeState();
  #client: ClientConnection;
  #policies: ActivePolicies;
  #outgoing: OutgoingRequest;
  #writer: ResponseWriter;
  #watchers: ExchangeWatcher[] = [];
  #http10: boolean;
  #clientEnd: 'fin' | 'rst' | null = null;
  #responseDiscarded = false;
  #overCallbacks: (() => void)[] = [];

  constructor(client: ClientConnection, request: RequestHead, body: BodyReader, random: Random) {
    this.#client = client;
    this.request = request;
    this.random = random;
    this.startedAt = this.requestSentAt = client.clock.now();
    this.#http10 = request.version === '1.0';
    const connection = field(request, 'connection');
    // RFC 9110, 7.8 and 10.1.1: HTTP/1.0 knows neither; and what follows a body could be taken for the new protocol.
    if (listIncludes(connection, 'upgrade') && !this.#http10 && body.by === 'nothing')
      this.upgrade = requestedProtocols(field(request, 'upgrade'));
    if (this.#http10) dropField(request, 'expect');
    dropConnectionFields(request);
    this.#policies = new ActivePolicies(this, client.policies);
    this.#outgoing = new OutgoingRequest(client, body, this.#policies.upstreamOptions(), this.#policies.mayRetry);
    this.#writer = new ResponseWriter({
      x: this,
      policies: this.#policies,
      http10: this.#http10,
      keepAlive: this.#http10 ? listIncludes(connection, 'keep-alive') : !listIncludes(connection, 'close'),
      headSent: () => this.#state.step('head-sent'),
      write: (bytes) => this.#write(bytes),
    });
  }

  get phase(): ExchangePhase {
    return this.#state.phase;
  }

  get headSent(): boolean {
    return this.#state.is('streaming', 'tunnel');
  }

  get requestComplete(): boolean {
    return this.#outgoing.complete;
  }

  get requestHasBody(): boolean {
    return this.#outgoing.hasBody;
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

  // ---- the request

  /** Runs the request hooks, nearest the client first, and asks the origin. */
  async start(): Promise<void> {
    for (const { step, hooks } of this.#policies.list) {
      const wait = hooks.request?.(this, step.params);
      if (wait) await wait;
      if (!this.#state.is('received')) return;
    }
    this.#policies.each(({ step, hooks }) => {
      const watch = hooks.watch?.(this, step.params);
      if (watch) this.#watchers.push(watch);
    });
    if (this.#outgoing.version === '1.0') this.#continueBody();
    if (this.#state.step('connect')) await this.#connect();
  }

  /** The origin is not asked whether it wants the body (RFC 9110, 10.1.1). */
  #continueBody(): void {
    const expects = listIncludes(field(this.request, 'expect'), '100-continue');
    if (expects && !this.#outgoing.complete) this.#client.write(CONTINUE);
  }

  async #connect(): Promise<void> {
    const up = await this.#outgoing.connect();
    if (!up) return;
    this.requestSentAt = this.clock.now();
    up.serve(this.request.method, this);
  }

  connected(): void {
    if (!this.#outgoing.send(this.request, this.upgrade)) return;
    this.requestSentAt = this.clock.now();
    this.#step('sent');
  }

  retryUpstream(why: RequestFailure): boolean {
    if (!this.#state.allows('retry') || !this.#outgoing.canReplay) return false;
    if (!this.#policies.shouldRetry(this.#outgoing.attempts, why)) return false;
    this.#outgoing.upstream?.end('fin', this.clock);
    this.#client.setReading(true);
    this.#connectAnew();
    return true;
  }

  #connectAnew(): void {
    this.#outgoing.reset();
    if (this.#state.step('retry')) void this.#connect();
  }

  /** Payload of the request's body. */
  requestPayload(bytes: Buffer): void {
    this.#notifyByte('up');
    this.#outgoing.payload(bytes);
  }

  requestEnd(): void {
    this.#outgoing.end();
  }

  /** Raw bytes in the tunnel. */
  tunnelFromClient(bytes: Buffer): void {
    this.#notifyByte('up');
    this.#notifyTunnel('up', bytes);
    if (this.phase === 'tunnel') this.#outgoing.write(bytes);
  }

  drained(): void {
    this.#client.setReading(true);
  }

  // ---- the answer

  bytesReceived(n: number): void {
    this.#client.recordBytes('down', n);
    this.#notifyByte('down');
  }

  interim(head: ResponseHead): void {
    if (this.headSent || this.#http10) return;
    dropConnectionFields(head);
    this.#client.write(writeHead(`HTTP/1.1 ${head.status} ${head.reason}`, head.fields));
  }

  maySwitchTo(protocols: string | undefined): boolean {
    const asked = listOf(this.upgrade ?? undefined);
    return this.upgrade !== null && listOf(protocols).every((protocol) => asked.includes(protocol));
  }

  head(head: ResponseHead): void {
    this.response = head;
    if (head.status !== 101) dropConnectionFields(head);
    this.#policies.each(({ step, hooks }) => hooks.response?.(this, step.params));
    if (head.status === 101) return this.#switchProtocols(head);
    if (this.#step('head')) this.#writer.begin();
  }

  #switchProtocols({ reason, fields }: ResponseHead): void {
    if (this.#responseDiscarded || !this.#state.allows('switch')) return;
    this.#client.write(writeHead(`HTTP/1.1 101 ${reason}`, fields));
    this.#step('switch');
    this.#client.startTunnel();
  }

  payload(bytes: Buffer): void {
    this.#writer.payload(bytes);
  }

  get takesChunks(): boolean {
    return this.#writer.takesChunks;
  }

  chunks(bytes: Buffer): void {
    this.#write(bytes);
  }

  complete(): void {
    this.#writer.flush();
    this.#writer.finish();
    this.#policies.each(({ step, hooks }) => hooks.responseComplete?.(this, step.params));
    this.#finish({ upstream: 'release', client: this.#mayKeep('origin') ? 'keep' : 'fin' });
  }

  tunnel(bytes: Buffer): void {
    this.#notifyTunnel('down', bytes);
    if (this.#responseDiscarded || this.phase !== 'tunnel') return;
    if (!this.#client.write(bytes)) this.#outgoing.upstream?.socket.pause();
  }

  /** The client's side takes bytes again. */
  clientDrained(): void {
    this.#outgoing.upstream?.socket.resume();
  }

  #write(bytes: Uint8Array | string): void {
    if (this.#clientEnd !== null) {
      const abort = this.#policies.clientAbort(this.#clientEnd);
      if (abort.when === 'never') return;
      if (abort.when === 'on-write' && (this.#client.clientGone || abort.as === 'rst')) return this.#abort(abort.as);
    }
    if (bytes.length > 0 && !this.#client.write(bytes)) this.#outgoing.upstream?.socket.pause();
  }

  // ---- what policies do

  respond(response: SyntheticResponse): void {
    if (!this.#state.allows('respond')) return;
    const { status, close = false, server, fired } = response;
    if (fired) {
      const { by, ...why } = fired;
      this.#client.faultFired(this.#policies.stepOf(by), { client: 'fin', server, clientGot: String(status), ...why });
    }
    const keep = !close && this.#mayKeep('proxy');
    this.#write(encodeResponse(response, { method: this.request.method, keep, policies: this.#policies }));
    this.#finish({ upstream: server, client: keep ? 'keep' : 'fin' }, 'respond');
  }

  end({ client, server, flush = false, close = false, withoutHead = false, why }: ExchangeEnding): void {
    if (!this.#state.allows('end')) return;
    if (flush) this.#writer.flush();
    if (!withoutHead && this.phase === 'answering') this.#writer.sendHead();
    const frame = CLOSE_FRAMES[client];
    if (frame && this.phase === 'tunnel') this.#client.write(frame);
    const mode: CloseMode = client === 'clean' || client === 'close-1001' || client === 'close-1009' ? 'fin' : client;
    const closed: ClosedInfo | null = why ? { client: mode, server, cause: why.cause, detail: why.detail } : null;
    if (client === 'clean' && this.phase === 'answering' && this.#writer.finish()) {
      if (closed) this.#client.faultFired(this.#policies.stepOf(why?.by), { ...closed, clientGot: 'clean end' });
      const keep = this.#writer.keepAlive && this.requestComplete && !close;
      return this.#finish({ upstream: server, client: keep ? 'keep' : 'fin' });
    }
    this.#finish({ upstream: server, client: this.#clientEnd ?? mode, closed, by: why?.by });
  }

  openResponse(): ResponseSink {
    this.#state.step('share');
    return this;
  }

  discardResponse(): void {
    this.#responseDiscarded = true;
  }

  count(params: object): number {
    const key = this.#policies.keyOf(params);
    const counts = (this.store.get('counts') as Map<string, number> | undefined) ?? new Map<string, number>();
    this.store.set('counts', counts);
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  }

  onceOver(fn: () => void): void {
    if (this.phase === 'over') fn();
    else this.#overCallbacks.push(fn);
  }

  // ---- how it ends

  /** The client has left, politely or not. */
  clientLeft(how: 'fin' | 'rst'): void {
    if (this.phase === 'tunnel') return this.#abort(how);
    this.#clientEnd = how;
    this.clientDrained(); // it will not take bytes again, and what waits for that would wait for ever
    const abort = this.#policies.clientAbort(how);
    if (abort.when === 'at-once') this.#abort(abort.as);
  }

  /** The client is gone, and the origin hears of it. */
  #abort(as: 'fin' | 'rst'): void {
    this.#finish({ upstream: as, client: this.#clientEnd === 'rst' ? 'rst' : 'fin' });
  }

  upstreamClosed(how: UpstreamFailure, detail: string): void {
    const mode = how === 'fin' ? 'fin' : 'rst';
    if (this.phase === 'tunnel') return this.#finish({ upstream: mode, client: mode });
    if (how === 'malformed') return this.#responseMalformed();
    if (this.#repeatOnNewConnection()) return;
    if (this.retryUpstream(how === 'unreachable' ? how : 'died')) return;
    if (this.#policies.upstreamClosed(how)) return;
    if (this.phase === 'waiting') {
      const fired = how === 'unreachable' ? { fired: { cause: 'target-unreachable' as const, detail } } : {};
      return this.respond({ status: 502, server: 'fin', ...fired });
    }
    this.end({ client: 'fin', server: 'fin', flush: true });
  }

  /** A kept connection may be closed as a request comes in (RFC 9112, 9.3.1): some then send it out anew. */
  #repeatOnNewConnection(): boolean {
    const up = this.#outgoing.upstream;
    if (!this.#state.allows('retry') || !up?.reused || up.responseBytes > 0) return false;
    if (this.#policies.keptConnectionClosed()) return true;
    if (this.requestHasBody || NON_IDEMPOTENT.includes(this.request.method)) return false;
    up.destroy();
    this.#outgoing.attempts--;
    this.#connectAnew();
    return true;
  }

  /** RFC 9112, 6.3: the answer is thrown away, and no part of it looks whole. */
  #responseMalformed(): void {
    if (this.#state.allows('respond')) return this.respond({ status: 502, close: true, server: 'fin' });
    const endsWithConnection = this.#http10 && field(this.response!, 'content-length') === undefined;
    this.end({ client: endsWithConnection ? 'rst' : 'fin', server: 'fin', flush: true });
  }

  /** The connection is gone from under it. */
  drop(server: CloseMode): void {
    this.#finish({ upstream: server, client: 'none' });
  }

  destroy(): void {
    this.#finish({ upstream: 'destroy', client: 'none' });
  }

  #mayKeep(after: 'origin' | 'proxy'): boolean {
    return this.#writer.keepAlive && this.requestComplete && this.#policies.keepAliveMs(after) !== 0;
  }

  /** The one way out: what runs beside the exchange stops, then either side gets what it is to see. */
  #finish({ upstream, client, closed = null, by }: Sides, event: 'end' | 'respond' = 'end'): void {
    if (!this.#state.step(event)) return;
    this.#writer.drop();
    for (const watch of this.#watchers.splice(0)) watch.stop();
    for (const callback of this.#overCallbacks.splice(0)) callback();
    if (upstream === 'destroy') this.#outgoing.destroy();
    else if (upstream === 'release') this.#outgoing.release();
    else this.#outgoing.close(upstream);
    if (client === 'none') return;
    if (client !== 'keep') return this.#client.endClient(this.#clientEnd ?? client, closed, this.#policies.stepOf(by));
    if (this.#clientEnd) return this.#client.endClient(this.#clientEnd, null);
    this.#client.exchangeFinished(() =>
      this.#policies.idle((why, step) => this.#client.endClient('fin', { client: 'fin', server: 'fin', ...why }, step)),
    );
  }

  #step(event: 'sent' | 'head' | 'switch'): boolean {
    if (!this.#state.step(event)) return false;
    for (const watch of this.#watchers) watch.phase?.();
    return true;
  }

  #notifyTunnel(dir: Direction, bytes: Buffer): void {
    for (const watch of this.#watchers) watch.tunnel?.(dir, bytes);
  }

  #notifyByte(dir: Direction): void {
    for (const watch of this.#watchers) watch.byte?.(dir);
  }
}
