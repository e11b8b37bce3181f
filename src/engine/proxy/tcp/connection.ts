import { connect, Socket } from 'node:net';
import type { Cause, Evidence } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import { evidenceOfSocketError } from '../../evidence/socket-evidence.ts';
import { appliesTo } from './faults/common-params.ts';
import type { ConnectionContext, Direction, CloseCommand, ClosedInfo } from './faults/fault.ts';
import { endSocket } from './end-socket.ts';
import type { AppliedStep } from './pipeline.ts';
import { Pipe, type PipeOwner } from './pipe.ts';

export interface TcpConnectionSetup {
  id: number;
  lane: string | null;
  /** The accepted socket, nearest the client. */
  downstream: Socket;
  /** Where it leads: to be dialled, or a socket that is connected already. */
  target: { host: string; port: number } | Socket;
  /** What is known of causes under this port is not of an older connection. */
  knownPort?: boolean;
  /** What is known of the sockets when a hop is inserted into a live connection. */
  history?: { openedAt: number; lastByteAt: Record<Direction, number>; bytes: Record<Direction, number> };
  steps: readonly AppliedStep[];
  clock: Clock;
  /** This connection's own stream. */
  random: Random;
  causes: Causes;
  /** The path ended the connection, or a fault did something worth reporting. */
  onFaultFired(step: AppliedStep | null, closed: ClosedInfo): void;
  onNotice(code: string, message: string): void;
  /** Both sockets are gone. */
  onClose(): void;
}

interface ActiveWatch {
  key: string;
  stop: () => void;
}

/** One TCP connection through the path: two sockets, a pipe each way between them, and the faults that act on it. */
export class TcpConnection implements PipeOwner {
  readonly id: number;
  readonly lane: string | null;
  readonly openedAt: number;
  readonly lastByteAt: Record<Direction, number>;
  readonly bytes: Record<Direction, number>;
  readonly clock: Clock;
  over = false;
  #setup: TcpConnectionSetup;
  #downstream: Socket;
  #upstream: Socket | null = null;
  #lanePort: number;
  #steps: readonly AppliedStep[] = [];
  #pipes: Record<Direction, Pipe> | null = null;
  #watches: ActiveWatch[] = [];
  #pendingCloses: Partial<Record<Direction, { step: AppliedStep | null; order: CloseCommand }>> = {};
  #cleanup: Cancel[] = [];

  constructor(setup: TcpConnectionSetup) {
    this.#setup = setup;
    this.id = setup.id;
    this.lane = setup.lane;
    this.clock = setup.clock;
    this.#downstream = setup.downstream;
    this.#lanePort = setup.downstream.remotePort ?? 0;
    const { history, target } = setup;
    this.openedAt = history?.openedAt ?? this.clock.now();
    this.lastByteAt = { ...(history?.lastByteAt ?? { up: this.openedAt, down: this.openedAt }) };
    this.bytes = { ...(history?.bytes ?? { up: 0, down: 0 }) };
    if (!history && !setup.knownPort) setup.causes.forget(this.#lanePort);
    this.#downstream.on('error', () => this.#socketFailed('down'));
    this.#downstream.on('close', this.#onSocketClose);
    this.apply(setup.steps);
    for (const step of history ? [] : this.#steps) {
      if (!this.over) step.fault.accept?.(step.params, this.contextFor(step, NEVER_ABORTED));
    }
    if (target instanceof Socket) this.#attachUpstream(target);
    else if (!this.over) this.#dial(target.host, target.port);
  }

  /** Settings change under the living connection. `steps` is nearest the client first. */
  apply(steps: readonly AppliedStep[]): void {
    if (this.over) return;
    this.#steps = steps.filter((s) => appliesTo(s.params, this.lane, this.#randomFor(s)));
    this.#applyPipes();
    this.#applyWatches();
  }

  /** Ends the connection, now or as the order says. The first order counts. */
  end(command: CloseCommand, step: AppliedStep | null = null): void {
    if (this.over) return;
    if (command.after) this.#pendingCloses[command.after] ??= { step, order: command };
    else this.#closeNow(command, step, false);
  }

  /** Destroys both sockets at once, reporting nothing; used when the path itself closes. */
  destroy(): void {
    this.over = true;
    this.#stopAll();
    this.#downstream.destroy();
    this.#upstream?.destroy();
  }

  /** Called for every chunk, so it names its fields: a key that changes would be looked up anew each time. */
  recordBytes(dir: Direction, bytes: number): void {
    const now = this.clock.now();
    if (dir === 'up') {
      this.lastByteAt.up = now;
      this.bytes.up += bytes;
    } else {
      this.lastByteAt.down = now;
      this.bytes.down += bytes;
    }
  }

  closePending(dir: Direction): boolean {
    return this.#pendingCloses[dir] !== undefined;
  }

  pipeEnded(dir: Direction, kind: 'fin' | 'rst'): void {
    const pending = this.#pendingCloses[dir];
    if (pending) return this.#closeNow(pending.order, pending.step, true);
    const sink = dir === 'up' ? this.#upstream : this.#downstream;
    if (!sink || sink.destroyed) return;
    if (kind === 'fin') sink.end();
    else this.#cleanup.push(endSocket(sink, 'rst', this.clock, this.#resetDelay(), true));
  }

  faultThrew(error: unknown): void {
    this.#setup.onNotice('fault-broke', `A fault failed and its connection was reset: ${String(error)}`);
    this.end({ client: 'rst', server: 'rst', cause: 'cut', detail: 'a fault failed' });
  }

  contextFor(step: AppliedStep, signal: AbortSignal): ConnectionContext {
    const over = (): boolean => this.over;
    return {
      id: this.id,
      lane: this.lane,
      openedAt: this.openedAt,
      lastByteAt: this.lastByteAt,
      bytes: this.bytes,
      clock: this.clock,
      random: this.#randomFor(step),
      signal,
      get over() {
        return over();
      },
      end: (order) => this.end(order, step),
      reportClosed: (told) => this.#setup.onFaultFired(step, told),
      blackhole: (cause) => this.#blackhole(cause),
    };
  }

  #closeNow(command: CloseCommand, step: AppliedStep | null, flushed: boolean): void {
    if (this.over) return;
    this.over = true;
    const { cause, met } = command;
    this.#setup.causes.note(this.#lanePort, {
      cause,
      by: 'path',
      at: this.clock.now(),
      ...(met && { dialFailure: met }),
    });
    this.#setup.onFaultFired(step, command);
    this.#stopAll();
    const grace = this.#resetDelay();
    this.#cleanup.push(endSocket(this.#downstream, command.client, this.clock, grace, flushed));
    if (this.#upstream) this.#cleanup.push(endSocket(this.#upstream, command.server, this.clock, grace, flushed));
  }

  /** A reset in the same turn as the accept reads as a failed connect, so a new connection gets some time first. */
  #resetDelay(): number {
    return Math.max(1, CONNECT_GRACE_MS - (this.clock.now() - this.openedAt) / this.clock.scale);
  }

  #randomFor(step: AppliedStep): Random {
    return this.#setup.random.fork(step.key);
  }

  #blackhole(cause: Cause): Cancel {
    this.#setup.causes.note(this.#lanePort, { cause, by: 'path', at: this.clock.now() });
    return () => {
      if (!this.over) this.#setup.causes.forget(this.#lanePort);
    };
  }

  #dial(host: string, port: number): void {
    const up = connect({ host, port, allowHalfOpen: true, noDelay: true });
    this.#upstream = up;
    const unreachable = (evidence: Evidence, detail: string): void => {
      // with nothing on it the path stands for no path at all
      const met = this.#steps.length === 0 ? { met: { evidence, detail } } : {};
      this.end({ client: this.#resetMode('down'), server: 'rst', cause: 'target-unreachable', detail, ...met });
    };
    const timeout = DEFAULTS.connectTimeoutMs * this.clock.scale; // the dial is real, so is the patience
    const cancelTimeout = this.clock.after(timeout, () =>
      unreachable('connect-timeout', `no answer from ${host}:${port}`),
    );
    this.#cleanup.push(cancelTimeout);
    let connected = false;
    up.on('error', (e: NodeJS.ErrnoException) => {
      if (connected) this.#socketFailed('up');
      else unreachable(evidenceOfSocketError(e), `${host}:${port} ${e.code ?? e.message}`);
    });
    up.on('close', this.#onSocketClose);
    up.once('connect', () => {
      connected = true;
      cancelTimeout();
      this.#startPipes(up);
    });
  }

  /** To a socket that is connected. */
  #attachUpstream(up: Socket): void {
    this.#upstream = up;
    up.on('error', () => this.#socketFailed('up'));
    up.on('close', this.#onSocketClose);
    if (!this.over) this.#startPipes(up);
    else up.destroy(); // refused in the turn of the accept
  }

  #startPipes(up: Socket): void {
    this.#setup.causes.link(up.localPort!, this.#lanePort);
    this.#pipes = {
      up: new Pipe('up', this.#downstream, up, this),
      down: new Pipe('down', up, this.#downstream, this),
    };
    this.#applyPipes();
    this.#pipes.up.start();
    this.#pipes.down.start();
  }

  #applyPipes(): void {
    if (!this.#pipes) return;
    const affecting = (dir: Direction): AppliedStep[] =>
      this.#steps.filter(({ fault, params }) => fault.pipe && (fault.affects?.(dir, params) ?? true));
    this.#pipes.up.apply(affecting('up'));
    this.#pipes.down.apply(affecting('down').reverse());
  }

  #applyWatches(): void {
    const old = this.#watches;
    this.#watches = [];
    const fresh: AppliedStep[] = [];
    for (const step of this.#steps) {
      if (!step.fault.watch) continue;
      const at = old.findIndex((w) => w.key === step.key);
      if (at >= 0) this.#watches.push(...old.splice(at, 1));
      else fresh.push(step);
    }
    for (const gone of old) gone.stop();
    for (const step of fresh) {
      const end = new AbortController();
      const stopWatch = step.fault.watch!(step.params, this.contextFor(step, end.signal));
      const stop = (): void => {
        end.abort();
        stopWatch?.();
      };
      if (this.over) stop();
      else this.#watches.push({ key: step.key, stop });
    }
  }

  #stopAll(): void {
    this.#pipes?.up.close();
    this.#pipes?.down.close();
    for (const { stop } of this.#watches) stop();
    this.#watches = [];
    for (const cancel of this.#cleanup) cancel();
    this.#cleanup = [];
  }

  /** One side was reset, or its network gave up: the other side is to see a reset too. */
  #socketFailed(side: Direction): void {
    if (this.over) return;
    if (!this.#pipes) {
      this.over = true;
      this.#stopAll();
      this.#upstream?.destroy();
      return;
    }
    // `side` names the socket; the pipe out of it carries the reset, the pipe into it has lost its reader.
    const [out, into] = side === 'down' ? (['up', 'down'] as const) : (['down', 'up'] as const);
    this.#pipes[into].close();
    (side === 'down' ? this.#upstream : this.#downstream)?.resume();
    const kind = this.#resetMode(out);
    this.#pipes[out].endSource(kind);
    // Its end was passed on already; a reset goes after it.
    if (this.#pipes[out].closed && kind === 'rst') this.pipeEnded(out, kind);
  }

  /** What a reset is by the time it has come through in this direction. */
  #resetMode(dir: Direction): 'fin' | 'rst' {
    return this.#steps.some(({ fault, params }) => fault.resetsBecomeFin && fault.affects!(dir, params))
      ? 'fin'
      : 'rst';
  }

  #onSocketClose = (): void => {
    if (!this.#downstream.destroyed || (this.#upstream && !this.#upstream.destroyed)) return;
    this.over = true;
    this.#stopAll();
    this.#setup.onClose();
  };
}

/** Real milliseconds after which a client has surely seen its connect succeed. */
const CONNECT_GRACE_MS = 20;
/** For `accept`, which never waits. */
const NEVER_ABORTED = new AbortController().signal;
