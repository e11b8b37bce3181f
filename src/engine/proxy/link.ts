import { connect, Socket } from 'node:net';
import type { Cause, Evidence } from '../../shared/catalog.ts';
import type { Cancel, Clock } from '../../shared/clock.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import { evidenceOf } from '../dial-evidence.ts';
import { strikes } from '../faults/common.ts';
import type { Conn, Direction, EndOrder, EndTold } from '../faults/fault.ts';
import { endSide } from './endings.ts';
import type { Stage } from './stretch.ts';
import { Way, type WayOwner } from './way.ts';

export interface LinkSetup {
  id: number;
  lane: string | null;
  /** The accepted socket, nearest the client. */
  down: Socket;
  /** Where it leads: to be dialled, or a socket that is connected already. */
  target: { host: string; port: number } | Socket;
  /** What is known of causes under this port is not of an older connection. */
  knownPort?: boolean;
  /** A leg that comes between sockets which have been talking: what is known of them. */
  since?: { openedAt: number; lastByteAt: Record<Direction, number>; bytes: Record<Direction, number> };
  stages: readonly Stage[];
  clock: Clock;
  /** This connection's own stream. */
  random: Random;
  causes: Causes;
  /** The path ended the connection. */
  onFire(stage: Stage | null, told: EndTold): void;
  onNotice(code: string, message: string): void;
  /** Both sockets are gone. */
  onClose(): void;
}

interface Watching {
  key: string;
  stop: () => void;
}

/** One connection through the path: two sockets, two ways between them, and what the faults have to say about it. */
export class Link implements WayOwner {
  readonly id: number;
  readonly lane: string | null;
  readonly openedAt: number;
  readonly lastByteAt: Record<Direction, number>;
  readonly bytes: Record<Direction, number>;
  readonly clock: Clock;
  over = false;
  #set: LinkSetup;
  #down: Socket;
  #up: Socket | null = null;
  #lanePort: number;
  #stages: readonly Stage[] = [];
  #ways: Record<Direction, Way> | null = null;
  #watching: Watching[] = [];
  #pending: Partial<Record<Direction, { stage: Stage | null; order: EndOrder }>> = {};
  #cleanup: Cancel[] = [];

  constructor(setup: LinkSetup) {
    this.#set = setup;
    this.id = setup.id;
    this.lane = setup.lane;
    this.clock = setup.clock;
    this.#down = setup.down;
    this.#lanePort = setup.down.remotePort ?? 0;
    const { since, target } = setup;
    this.openedAt = since?.openedAt ?? this.clock.now();
    this.lastByteAt = { ...(since?.lastByteAt ?? { up: this.openedAt, down: this.openedAt }) };
    this.bytes = { ...(since?.bytes ?? { up: 0, down: 0 }) };
    if (!since && !setup.knownPort) setup.causes.forget(this.#lanePort);
    this.#down.on('error', () => this.#broken('down'));
    this.#down.on('close', this.#onSocketClose);
    this.apply(setup.stages);
    for (const stage of since ? [] : this.#stages) {
      if (!this.over) stage.fault.accept?.(stage.params, this.connFor(stage, NEVER));
    }
    if (target instanceof Socket) this.#lead(target);
    else if (!this.over) this.#dial(target.host, target.port);
  }

  /** Settings change under the living connection. `stages` is nearest the client first. */
  apply(stages: readonly Stage[]): void {
    if (this.over) return;
    this.#stages = stages.filter((s) => strikes(s.params, this.lane, this.#randomFor(s)));
    this.#applyWays();
    this.#applyWatches();
  }

  /** Ends the connection, now or as the order says. The first order counts. */
  end(order: EndOrder, stage: Stage | null = null): void {
    if (this.over) return;
    if (order.after) this.#pending[order.after] ??= { stage, order };
    else this.#execute(order, stage, false);
  }

  /** At once and without a word; for the end of the path itself. */
  destroy(): void {
    this.over = true;
    this.#stopAll();
    this.#down.destroy();
    this.#up?.destroy();
  }

  /** Called for every chunk, so it names its fields: a key that changes would be looked up anew each time. */
  saw(dir: Direction, bytes: number): void {
    const now = this.clock.now();
    if (dir === 'up') {
      this.lastByteAt.up = now;
      this.bytes.up += bytes;
    } else {
      this.lastByteAt.down = now;
      this.bytes.down += bytes;
    }
  }

  ending(dir: Direction): boolean {
    return this.#pending[dir] !== undefined;
  }

  ranDry(dir: Direction, kind: 'fin' | 'rst'): void {
    const pending = this.#pending[dir];
    if (pending) return this.#execute(pending.order, pending.stage, true);
    const sink = dir === 'up' ? this.#up : this.#down;
    if (!sink || sink.destroyed) return;
    if (kind === 'fin') sink.end();
    else this.#cleanup.push(endSide(sink, 'rst', this.clock, this.#grace(), true));
  }

  broke(error: unknown): void {
    this.#set.onNotice('fault-broke', `A fault failed and its connection was reset: ${String(error)}`);
    this.end({ client: 'rst', server: 'rst', cause: 'cut', detail: 'a fault failed' });
  }

  connFor(stage: Stage, signal: AbortSignal): Conn {
    const over = (): boolean => this.over;
    return {
      id: this.id,
      lane: this.lane,
      openedAt: this.openedAt,
      lastByteAt: this.lastByteAt,
      bytes: this.bytes,
      clock: this.clock,
      random: this.#randomFor(stage),
      signal,
      get over() {
        return over();
      },
      end: (order) => this.end(order, stage),
      tell: (told) => this.#set.onFire(stage, told),
      deaden: (cause) => this.#deaden(cause),
    };
  }

  #execute(order: EndOrder, stage: Stage | null, flushed: boolean): void {
    if (this.over) return;
    this.over = true;
    const { cause, met } = order;
    this.#set.causes.note(this.#lanePort, { cause, by: 'path', at: this.clock.now(), ...(met && { met }) });
    this.#set.onFire(stage, order);
    this.#stopAll();
    const grace = this.#grace();
    this.#cleanup.push(endSide(this.#down, order.client, this.clock, grace, flushed));
    if (this.#up) this.#cleanup.push(endSide(this.#up, order.server, this.clock, grace, flushed));
  }

  /** A reset in the turn of the accept reads as a failed connect; a young connection is given time to be seen. */
  #grace(): number {
    return Math.max(1, SEEN_AFTER_MS - (this.clock.now() - this.openedAt) / this.clock.scale);
  }

  #randomFor(stage: Stage): Random {
    return this.#set.random.fork(stage.key);
  }

  #deaden(cause: Cause): Cancel {
    this.#set.causes.note(this.#lanePort, { cause, by: 'path', at: this.clock.now() });
    return () => {
      if (!this.over) this.#set.causes.forget(this.#lanePort);
    };
  }

  #dial(host: string, port: number): void {
    const up = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#up = up;
    const unreachable = (evidence: Evidence, detail: string): void => {
      // with nothing on it the path stands for no path at all
      const met = this.#stages.length === 0 ? { met: { evidence, detail } } : {};
      this.end({ client: this.#resetAs('down'), server: 'rst', cause: 'target-unreachable', detail, ...met });
    };
    const patience = DEFAULTS.connectTimeoutMs * this.clock.scale; // the dial is real, so is the patience
    const tooLong = this.clock.after(patience, () => unreachable('connect-timeout', `no answer from ${host}:${port}`));
    this.#cleanup.push(tooLong);
    let connected = false;
    up.on('error', (e: NodeJS.ErrnoException) => {
      if (connected) this.#broken('up');
      else unreachable(evidenceOf(e), `${host}:${port} ${e.code ?? e.message}`);
    });
    up.on('close', this.#onSocketClose);
    up.once('connect', () => {
      connected = true;
      tooLong();
      this.#carry(up);
    });
  }

  /** To a socket that is connected. */
  #lead(up: Socket): void {
    this.#up = up;
    up.on('error', () => this.#broken('up'));
    up.on('close', this.#onSocketClose);
    if (!this.over) this.#carry(up);
    else up.destroy(); // refused in the turn of the accept
  }

  #carry(up: Socket): void {
    this.#set.causes.link(up.localPort!, this.#lanePort);
    this.#ways = {
      up: new Way('up', this.#down, up, this),
      down: new Way('down', up, this.#down, this),
    };
    this.#applyWays();
    this.#ways.up.start();
    this.#ways.down.start();
  }

  #applyWays(): void {
    if (!this.#ways) return;
    const touching = (dir: Direction): Stage[] =>
      this.#stages.filter(({ fault, params }) => fault.pipe && (fault.touches?.(dir, params) ?? true));
    this.#ways.up.apply(touching('up'));
    this.#ways.down.apply(touching('down').reverse());
  }

  #applyWatches(): void {
    const old = this.#watching;
    this.#watching = [];
    const fresh: Stage[] = [];
    for (const stage of this.#stages) {
      if (!stage.fault.watch) continue;
      const at = old.findIndex((w) => w.key === stage.key);
      if (at >= 0) this.#watching.push(...old.splice(at, 1));
      else fresh.push(stage);
    }
    for (const gone of old) gone.stop();
    for (const stage of fresh) {
      const end = new AbortController();
      const letGo = stage.fault.watch!(stage.params, this.connFor(stage, end.signal));
      const stop = (): void => {
        end.abort();
        letGo?.();
      };
      if (this.over) stop();
      else this.#watching.push({ key: stage.key, stop });
    }
  }

  #stopAll(): void {
    this.#ways?.up.close();
    this.#ways?.down.close();
    for (const { stop } of this.#watching) stop();
    this.#watching = [];
    for (const cancel of this.#cleanup) cancel();
    this.#cleanup = [];
  }

  /** One side was reset, or its network gave up: the other side is to see a reset too. */
  #broken(side: Direction): void {
    if (this.over) return;
    if (!this.#ways) {
      this.over = true;
      this.#stopAll();
      this.#up?.destroy();
      return;
    }
    // `side` names the socket; the way out of it carries the reset, the way into it has lost its reader.
    const [out, into] = side === 'down' ? (['up', 'down'] as const) : (['down', 'up'] as const);
    this.#ways[into].close();
    (side === 'down' ? this.#up : this.#down)?.resume();
    const kind = this.#resetAs(out);
    this.#ways[out].finish(kind);
    // Its end was passed on already; a reset goes after it.
    if (this.#ways[out].closed && kind === 'rst') this.ranDry(out, kind);
  }

  /** What a reset is by the time it has come through in this direction. */
  #resetAs(dir: Direction): 'fin' | 'rst' {
    return this.#stages.some(({ fault, params }) => fault.softens && fault.touches!(dir, params)) ? 'fin' : 'rst';
  }

  #onSocketClose = (): void => {
    if (!this.#down.destroyed || (this.#up && !this.#up.destroyed)) return;
    this.over = true;
    this.#stopAll();
    this.#set.onClose();
  };
}

/** Real milliseconds after which a client has surely noticed that it is connected. */
const SEEN_AFTER_MS = 20;
/** For what is asked once and never waits. */
const NEVER = new AbortController().signal;
