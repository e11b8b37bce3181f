import type { Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { CloseMode, Direction } from '../tcp/faults/fault.ts';
import { ActivePolicies } from './active-policies.ts';
import type { BodyReader } from './body-reader.ts';
import type { ClientConnection } from './client-connection.ts';
import { dropConnectionFields, requestedProtocols } from './connection-fields.ts';
import { ExchangeEnd } from './exchange-end.ts';
import { ExchangeState } from './exchange-state.ts';
import { dropField, field, listIncludes, listOf, writeHead } from './message.ts';
import type { RequestHead, ResponseHead } from './message.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { NON_IDEMPOTENT } from './policy.ts';
import type { Exchange, ExchangeEnding, ExchangePhase, ExchangeWatcher } from './policy.ts';
import type { RequestFailure, ResponseSink, SyntheticResponse, UpstreamFailure } from './policy.ts';
import { ResponseWriter } from './response-writer.ts';
import type { UpstreamHandler } from './upstream.ts';

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
  #end: ExchangeEnd;
  #watchers: ExchangeWatcher[] = [];
  #http10: boolean;
  #responseDiscarded = false;

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
    this.#end = new ExchangeEnd({
      x: this,
      state: this.#state,
      client,
      policies: this.#policies,
      outgoing: this.#outgoing,
      writer: this.#writer,
      watchers: this.#watchers,
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
    this.#end.complete();
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
    const left = this.#end.clientLeft;
    if (left !== null) {
      const abort = this.#policies.clientAbort(left);
      if (abort.when === 'never') return;
      if (abort.when === 'on-write' && (this.#client.clientGone || abort.as === 'rst'))
        return this.#end.abort(abort.as);
    }
    if (bytes.length > 0 && !this.#client.write(bytes)) this.#outgoing.upstream?.socket.pause();
  }

  // ---- what policies do

  respond(response: SyntheticResponse): void {
    this.#end.respond(response);
  }

  end(ending: ExchangeEnding): void {
    this.#end.end(ending);
  }

  sendToClient(bytes: Uint8Array): void {
    if (this.phase === 'tunnel') this.#client.write(bytes);
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
    // cast: nobody else writes under this key
    const counts = (this.store.get('counts') as Map<string, number> | undefined) ?? new Map<string, number>();
    this.store.set('counts', counts);
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  }

  onceOver(fn: () => void): void {
    this.#end.onceOver(fn);
  }

  // ---- how it ends

  /** The client has left, politely or not. */
  clientLeft(how: 'fin' | 'rst'): void {
    if (this.phase === 'tunnel') return this.#end.abort(how);
    this.#end.clientLeft = how;
    this.clientDrained(); // it will not take bytes again, and what waits for that would wait for ever
    const abort = this.#policies.clientAbort(how);
    if (abort.when === 'at-once') this.#end.abort(abort.as);
  }

  upstreamClosed(how: UpstreamFailure, detail: string): void {
    if (this.phase === 'tunnel') return this.#end.endTunnel(how === 'fin' ? 'fin' : 'rst');
    if (how === 'malformed') return this.#end.rejectResponse();
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

  /** The connection is gone from under it. */
  drop(server: CloseMode): void {
    this.#end.drop(server);
  }

  destroy(): void {
    this.#end.drop('destroy');
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
