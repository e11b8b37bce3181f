import { STATUS_CODES } from 'node:http';
import type { Cause } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { ParamValues } from '../../../shared/params.ts';
import type { Random } from '../../../shared/random.ts';
import type { Direction, EndTold, SideEnd } from '../../faults/fault.ts';
import type { Stage } from '../stretch.ts';
import { Delivery, type Part } from './delivery.ts';
import {
  chunk,
  dropHopByHop,
  field,
  LAST_CHUNK,
  lists,
  setField,
  writeHead,
  type BodyReader,
  type Field,
  type RequestHead,
  type ResponseHead,
} from './framing.ts';
import { isPolicy, ONCE, type Answer, type Death, type Ending, type Exchange, type Phase } from './policy.ts';
import type { Feed, Page, Told, Unanswered, Watch, Why } from './policy.ts';
import type { Asker, Upstream } from './upstream.ts';

/** What an exchange needs of the client's connection. */
export interface Host {
  readonly lane: string | null;
  readonly clock: Clock;
  readonly store: Map<string, unknown>;
  readonly stages: readonly Stage[];
  /** Nothing that is written reaches the client any more. */
  readonly deaf: boolean;
  /** False: wait for `drained`. */
  write(bytes: Uint8Array | string): boolean;
  upstream(): Promise<Upstream>;
  /** The origin's connection is free for the next request. */
  spare(up: Upstream): void;
  saw(dir: Direction, bytes: number): void;
  /** Reads on, or waits, at the client's side. */
  flow(on: boolean): void;
  /** The exchange is over; `keep` the connection for another request. */
  finished(keep: boolean): void;
  /** Ends the client's connection and with it the exchange. */
  endClient(how: SideEnd, told: EndTold | null, stage?: Stage | null): void;
  fired(stage: Stage | null, told: EndTold): void;
  /** The rest of what the client has sent, raw, and all that follows. */
  tunnel(): void;
}

/** A request body up to this size may be sent again. */
const KEPT_LIMIT = 1024 * 1024;

/** What waits for something to happen to a connection between its requests. */
const idling = new WeakMap<Host, Cancel>();

/** One request through the intermediary, from its head to the end of its answer. */
export class HttpExchange implements Exchange, Asker {
  readonly random: Random;
  readonly begunAt: number;
  askedAt: number;
  phase: Phase = 'waiting';
  request: RequestHead;
  response: ResponseHead | null = null;
  upgrade: string | null = null;
  #host: Host;
  #body: BodyReader;
  #parts: Part[];
  #watches: Watch[] = [];
  #out: Delivery;
  #up: Upstream | null = null;
  #dialling = false;
  #tries = 0;
  #sent = false;
  #queue: Buffer[] = [];
  /** The body so far, for whoever asks again; null where nobody does or it is too long. */
  #kept: Buffer[] | null;
  #keptBytes = 0;
  #requestDone = false;
  #http10: boolean;
  #leftHow: 'fin' | 'rst' | null = null;
  #hung = false;
  #switched = false;
  #fed = false;
  #after: (() => void)[] = [];

  constructor(host: Host, request: RequestHead, body: BodyReader, random: Random) {
    idling.get(host)?.();
    this.#host = host;
    this.request = request;
    this.#body = body;
    this.random = random;
    this.begunAt = this.askedAt = host.clock.now();
    this.#http10 = request.version === '1.0';
    const connection = field(request, 'connection');
    this.#requestDone = body.done;
    if (lists(connection, 'upgrade')) this.upgrade = field(request, 'upgrade') ?? null;
    this.#parts = host.stages.flatMap((stage) => (isPolicy(stage.fault) ? [{ stage, hooks: stage.fault.http }] : []));
    this.#kept = this.#parts.some(({ hooks }) => hooks.retries) ? [] : null;
    this.#out = new Delivery({
      x: this,
      parts: this.#parts,
      http10: this.#http10,
      keep: this.#http10 ? lists(connection, 'keep-alive') : !lists(connection, 'close'),
      write: (bytes) => this.#write(bytes),
    });
  }

  get headSent(): boolean {
    return this.#switched || this.#out.headSent;
  }

  get whole(): boolean {
    return this.#requestDone;
  }

  get lane(): string | null {
    return this.#host.lane;
  }

  get clock(): Clock {
    return this.#host.clock;
  }

  get store(): Map<string, unknown> {
    return this.#host.store;
  }

  /** Runs the request hooks, nearest the client first, and asks the origin. */
  async start(): Promise<void> {
    for (const { stage, hooks } of this.#parts) {
      const wait = hooks.request?.(this, stage.params);
      if (wait) await wait;
      if (this.#over || this.#fed) return;
    }
    for (const { stage, hooks } of this.#parts) {
      const watch = hooks.watch?.(this, stage.params);
      if (watch) this.#watches.push(watch);
      if (this.#over) return;
    }
    await this.#ask();
  }

  get #over(): boolean {
    return this.phase === 'over';
  }

  async #ask(): Promise<void> {
    this.#tries++;
    this.#sent = false;
    this.#dialling = true;
    const up = await this.#host.upstream();
    this.#dialling = false;
    if (this.#over) return up.reused ? this.#host.spare(up) : up.destroy();
    this.#up = up;
    this.askedAt = this.clock.now();
    up.ask(this.request.method, this);
  }

  again(why: Unanswered): boolean {
    if (this.phase !== 'waiting' || this.#fed || !this.#kept) return false;
    if (!this.#parts.some(({ stage, hooks }) => hooks.retries?.(this, stage.params, this.#tries, why))) return false;
    this.#up?.end('fin', this.clock);
    this.#up = null;
    this.#queue = [...this.#kept];
    this.#host.flow(true);
    void this.#ask();
    return true;
  }

  // ---- what the client says

  /** Payload of the request's body. */
  fromClient(bytes: Buffer): void {
    this.#byte('up');
    this.#toOrigin(this.#body.by === 'chunks' ? chunk(bytes) : bytes);
  }

  #toOrigin(bytes: Buffer): void {
    this.#keptBytes += bytes.length;
    if (this.#keptBytes > KEPT_LIMIT) this.#kept = null;
    this.#kept?.push(bytes);
    if (!this.#sent) this.#queue.push(bytes);
    else if (!this.#up!.write(bytes)) this.#host.flow(false);
  }

  clientDone(): void {
    this.#requestDone = true;
    if (this.#body.by === 'chunks') this.#toOrigin(LAST_CHUNK);
  }

  /** Raw bytes in the tunnel. */
  tunnelFromClient(bytes: Buffer): void {
    this.#byte('up');
    if (this.#up && !this.#up.write(bytes)) this.#host.flow(false);
  }

  drained(): void {
    this.#host.flow(true);
  }

  /** The client's side takes bytes again. */
  clientDrained(): void {
    this.#up?.socket.resume();
  }

  /** The client has left, politely or not. */
  left(how: 'fin' | 'rst'): void {
    if (this.#over) return;
    if (this.phase === 'tunnel') return this.#hangUp(how === 'fin' ? 'fin' : 'rst');
    this.#leftHow = how;
    this.clientDrained(); // it will not take bytes again, and what waits for that would wait for ever
    const told = this.#told(how);
    if (told.when === 'at-once') this.#hangUp(told.as);
  }

  #told(how: 'fin' | 'rst'): { when: Told; as: 'fin' | 'rst' } {
    for (const { stage, hooks } of this.#parts) {
      const told = hooks.told?.(this, how, stage.params);
      if (told) return told;
    }
    return { when: 'at-once', as: 'fin' };
  }

  /** Nobody listens any more: the origin is told, and that is the end. */
  #hangUp(as: 'fin' | 'rst'): void {
    this.#finish();
    this.#up?.end(as, this.clock);
    this.#host.endClient(this.#leftHow === 'rst' ? 'rst' : 'fin', null);
  }

  // ---- what the origin says

  connected(): void {
    if (this.#sent || this.#over) return;
    this.#sent = true;
    this.askedAt = this.clock.now();
    const up = this.#up!;
    const wants = this.#upstream();
    const { method, target } = this.request;
    const head = { fields: [...this.request.fields] };
    dropHopByHop(head);
    if (this.upgrade !== null) head.fields.push(['Upgrade', this.upgrade], ['Connection', 'Upgrade']);
    else if (!wants.reuse) head.fields.push(['Connection', 'close']);
    if (this.#body.by === 'chunks') head.fields.push(['Transfer-Encoding', 'chunked']);
    up.write(writeHead(`${method} ${target} HTTP/${wants.version}`, head.fields));
    for (const bytes of this.#queue) up.write(bytes);
    this.#queue = [];
    this.#phase('waiting');
  }

  #upstream(): { version: '1.0' | '1.1'; reuse: boolean } {
    for (const { stage, hooks } of this.#parts) if (hooks.upstream) return hooks.upstream(stage.params);
    return { version: '1.1', reuse: true };
  }

  bytes(n: number): void {
    this.#host.saw('down', n);
    this.#byte('down');
  }

  #byte(dir: Direction): void {
    for (const watch of this.#watches) watch.byte?.(dir);
  }

  #phase(phase: Phase): void {
    this.phase = phase;
    for (const watch of this.#watches) watch.phase?.();
  }

  interim(head: ResponseHead): void {
    if (!this.headSent && !this.#http10 && !this.#over) {
      this.#host.write(writeHead(`HTTP/1.1 ${head.status} ${head.reason}`, head.fields));
    }
  }

  head(head: ResponseHead): void {
    if (this.#over) return;
    this.response = head;
    const fields = head.fields;
    if (head.status === 101) {
      for (const { stage, hooks } of this.#parts) hooks.response?.(this, stage.params);
      if (this.#over || this.#hung) return;
      this.#switched = true;
      this.#host.write(writeHead(`HTTP/1.1 101 ${head.reason}`, fields));
      this.#phase('tunnel');
      return this.#host.tunnel();
    }
    dropHopByHop(head);
    for (const { stage, hooks } of this.#parts) {
      hooks.response?.(this, stage.params);
      if (this.#over) return;
    }
    this.#phase('answering');
    this.#out.begin();
  }

  payload(bytes: Buffer): void {
    if (this.#over) return;
    this.#out.payload(bytes);
  }

  get takesChunks(): boolean {
    return this.#out.takesChunks;
  }

  chunks(bytes: Buffer): void {
    if (!this.#over) this.#write(bytes);
  }

  complete(): void {
    if (this.#over) return;
    this.#out.flush();
    if (this.#over) return;
    this.#out.finish();
    if (this.#over) return;
    for (const { stage, hooks } of this.#parts) hooks.done?.(this, stage.params);
    const up = this.#up;
    const keep = this.#out.keep && this.#requestDone && this.#out.keepAliveMs('origin') !== 0;
    const spare = up?.reusable && this.#upstream().reuse && this.#requestDone && up.alive;
    const left = this.#leftHow;
    this.#finish();
    if (up && spare) {
      up.rest();
      this.#host.spare(up);
    } else up?.end('fin', this.clock);
    if (left) this.#host.endClient(left, null);
    else this.#handBack(keep);
  }

  tunnel(bytes: Buffer): void {
    if (this.#hung) return;
    if (!this.#host.write(bytes)) this.#up?.socket.pause();
  }

  died(how: Death, detail: string): void {
    if (this.#over) return;
    if (this.phase === 'tunnel') {
      this.#finish();
      this.#up!.end(how === 'fin' ? 'fin' : 'rst', this.clock);
      return this.#host.endClient(how === 'fin' ? 'fin' : 'rst', null);
    }
    // A kept connection may be closed as a request comes in (RFC 9112, 9.3.1): that request goes out anew.
    const repeatable = this.#body.by === 'nothing' && !ONCE.includes(this.request.method);
    if (this.phase === 'waiting' && this.#up?.reused && this.#up.got === 0 && repeatable) {
      this.#up.destroy();
      this.#up = null;
      this.#tries--;
      void this.#ask();
      return;
    }
    if (this.phase === 'waiting' && this.again(how === 'unreachable' ? how : 'died')) return;
    for (const { stage, hooks } of this.#parts) if (hooks.died?.(this, how, stage.params)) return;
    if (this.phase === 'waiting') {
      const fired = how === 'unreachable' ? { fired: { cause: 'target-unreachable' as const, detail } } : {};
      return this.answer({ status: 502, server: 'fin', ...fired });
    }
    this.end({ client: 'fin', server: 'fin', flush: true });
  }

  // ---- what policies do

  answer({ status, reason, fields = [], body, close = false, server, fired }: Answer): void {
    if (this.#over || this.headSent) return;
    if (fired) {
      const { by, ...why } = fired;
      const order = {
        client: 'fin',
        server,
        said: String(status),
        ...why,
      } as const;
      this.#host.fired(this.#stageOf(by), order);
    }
    const own = reason === undefined && body === undefined ? this.#page(status, fired?.cause) : null;
    const words = reason ?? own?.reason ?? STATUS_CODES[status] ?? '';
    const bodiless = this.request.method === 'HEAD' || status === 204 || status === 304;
    const short = `<html><body><h1>${status} ${words}</h1></body></html>\n`;
    const page = body ?? (bodiless ? '' : (own?.body ?? short));
    const head: { fields: Field[] } = { fields: [...fields] };
    if (page !== '' && body === undefined) setField(head, 'Content-Type', own?.type ?? 'text/html');
    if (!bodiless || page !== '') setField(head, 'Content-Length', String(Buffer.byteLength(page, 'latin1')));
    const keep = this.#out.keep && !close && this.#requestDone && this.#out.keepAliveMs('proxy') !== 0;
    if (!keep) setField(head, 'Connection', 'close');
    const text = writeHead(`HTTP/1.1 ${status} ${words}`, head.fields);
    this.#write(Buffer.from(this.request.method === 'HEAD' ? text : text + page, 'latin1'));
    if (this.#over) return;
    const left = this.#leftHow;
    this.#finish();
    this.#endUpstream(server);
    if (left) this.#host.endClient(left, null);
    else this.#handBack(keep);
  }

  /** How the error looks; null where it is not about the origin. */
  #page(status: number, cause: Cause | undefined): Page | null {
    if (status < 400 || cause === 'refuse') return null;
    const failing = cause === undefined ? 'died' : cause === 'target-unreachable' ? 'unreachable' : 'silent';
    const words = STATUS_CODES[status] ?? '';
    for (const { stage, hooks } of this.#parts) if (hooks.page) return hooks.page(stage.params, status, failing, words);
    return null;
  }

  end(ending: Ending): void {
    if (this.#over) return;
    const { client, server, why } = ending;
    const tunnel = this.phase === 'tunnel';
    const clean = client === 'clean' && this.phase === 'answering';
    if (ending.flush) this.#out.flush();
    if (this.#over) return;
    if (!ending.bare && this.phase === 'answering') this.#out.sendHead();
    if (client === 'close-1001' && tunnel) this.#host.write(Buffer.from([0x88, 0x02, 0x03, 0xe9]));
    const how: SideEnd = client === 'clean' || client === 'close-1001' ? 'fin' : client;
    const order: EndTold | null = why ? { client: how, server, cause: why.cause, detail: why.detail } : null;
    if (clean && this.#out.finish()) {
      if (this.#over) return;
      const keep = this.#out.keep && this.#requestDone && !ending.close;
      if (order) this.#host.fired(this.#stageOf(why?.by), { ...order, said: 'clean end' });
      this.#finish();
      this.#endUpstream(server);
      return this.#handBack(keep);
    }
    this.#finish();
    this.#endUpstream(server);
    this.#host.endClient(this.#leftHow ?? how, order, this.#stageOf(why?.by));
  }

  /** The connection is free for another request, or ends. */
  #handBack(keep: boolean): void {
    const host = this.#host;
    host.finished(keep);
    if (!keep) return;
    const cancels = this.#parts.flatMap(({ stage, hooks }) => {
      const close = (why: Omit<Why, 'by'>): void =>
        host.endClient('fin', { client: 'fin', server: 'fin', ...why }, stage);
      return hooks.idle?.(this, stage.params, close) ?? [];
    });
    if (cancels.length > 0) idling.set(host, () => cancels.forEach((cancel) => cancel()));
  }

  feed(): Feed {
    this.#fed = true;
    return this;
  }

  hang(): void {
    this.#hung = true;
  }

  #stageOf(id: string | undefined): Stage | null {
    return this.#parts.find(({ stage }) => stage.fault.id === id)?.stage ?? null;
  }

  count(params: ParamValues): number {
    // Equal steps have keys of their own, and count each for themselves.
    const key = this.#parts.find(({ stage }) => stage.params === params)?.stage.key ?? '';
    const counts = (this.store.get('counts') as Map<string, number> | undefined) ?? new Map<string, number>();
    this.store.set('counts', counts);
    const n = (counts.get(key) ?? 0) + 1;
    counts.set(key, n);
    return n;
  }

  onceOver(fn: () => void): void {
    if (this.#over) fn();
    else this.#after.push(fn);
  }

  /** The connection is gone from under it. */
  drop(server: SideEnd): void {
    if (this.#over) return;
    this.#finish();
    this.#up?.end(server, this.clock);
  }

  destroy(): void {
    this.#finish();
    this.#up?.destroy();
  }

  #endUpstream(server: SideEnd | 'none'): void {
    const up = this.#up;
    if (!up) return;
    if (server === 'none' && up.alive && !this.#dialling) up.rest();
    else up.end(server === 'none' ? 'fin' : server, this.clock);
  }

  #finish(): void {
    if (this.#over) return;
    this.#out.drop();
    for (const watch of this.#watches) watch.stop();
    this.#watches = [];
    this.#phase('over');
    const after = this.#after;
    this.#after = [];
    for (const fn of after) fn();
  }

  #write(bytes: Uint8Array | string): void {
    if (this.#leftHow !== null) {
      const told = this.#told(this.#leftHow);
      if (told.when === 'never') return;
      if (told.when === 'on-write' && (this.#host.deaf || told.as === 'rst')) return this.#hangUp(told.as);
    }
    if (bytes.length > 0 && !this.#host.write(bytes)) this.#up?.socket.pause();
  }
}
