import { Socket } from 'node:net';
import type { Cause, Evidence } from '../../../shared/catalog.ts';
import type { Cancel, Clock } from '../../../shared/clock.ts';
import type { Random } from '../../../shared/random.ts';
import type { Causes } from '../../evidence/causes.ts';
import { dialTarget } from './dial-target.ts';
import { appliesTo } from './faults/common-params.ts';
import type { ConnectionContext, Direction, CloseCommand, ClosedInfo } from './faults/fault.ts';
import { endSocket, resetGrace } from './end-socket.ts';
import { FaultWatches } from './fault-watches.ts';
import type { AppliedStep } from './pipeline.ts';
import { Pipe, type PipeOwner } from './pipe.ts';
import { Traffic, type TrafficHistory } from './traffic.ts';

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
  history?: TrafficHistory;
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

/** One TCP connection through the path: two sockets, a pipe each way between them, and the faults that act on it. */
export class TcpConnection implements PipeOwner {
  readonly id: number;
  readonly lane: string | null;
  readonly traffic: Traffic;
  readonly clock: Clock;
  over = false;
  #setup: TcpConnectionSetup;
  #downstream: Socket;
  #upstream: Socket | null = null;
  #lanePort: number;
  #steps: readonly AppliedStep[] = [];
  #pipes: Record<Direction, Pipe> | null = null;
  #watches = new FaultWatches();
  #pendingCloses: Partial<Record<Direction, { step: AppliedStep | null; command: CloseCommand }>> = {};
  #cleanup: Cancel[] = [];

  constructor(setup: TcpConnectionSetup) {
    this.#setup = setup;
    this.id = setup.id;
    this.lane = setup.lane;
    this.clock = setup.clock;
    this.#downstream = setup.downstream;
    this.#lanePort = setup.downstream.remotePort ?? 0;
    const { history, target } = setup;
    this.traffic = new Traffic(this.clock, history);
    if (!history && !setup.knownPort) setup.causes.forget(this.#lanePort);
    this.#downstream.on('error', () => this.#socketFailed('down'));
    this.#downstream.on('close', this.#onSocketClose);
    this.apply(setup.steps);
    for (const step of history ? [] : this.#steps) {
      if (!this.over) step.fault.accept?.(step.params, this.contextFor(step, NEVER_ABORTED));
    }
    if (target instanceof Socket) this.#attachUpstream(target);
    else if (!this.over) this.#dial(target);
  }

  /** Settings change under the living connection. `steps` is nearest the client first. */
  apply(steps: readonly AppliedStep[]): void {
    if (this.over) return;
    this.#steps = steps.filter((s) => appliesTo(s.params, this.lane, this.#randomFor(s)));
    this.#applyPipes();
    this.#watches.apply(this.#steps, (step, signal) => this.contextFor(step, signal));
  }

  /** Ends the connection, now or as the command says. The first command counts. */
  end(command: CloseCommand, step: AppliedStep | null = null): void {
    if (this.over) return;
    if (command.after) this.#pendingCloses[command.after] ??= { step, command };
    else this.#closeNow(command, step, false);
  }

  /** Destroys both sockets at once, reporting nothing; used when the path itself closes. */
  destroy(): void {
    this.over = true;
    this.#stopAll();
    this.#downstream.destroy();
    this.#upstream?.destroy();
  }

  recordBytes(dir: Direction, bytes: number): void {
    this.traffic.record(dir, bytes);
  }

  closePending(dir: Direction): boolean {
    return this.#pendingCloses[dir] !== undefined;
  }

  pipeEnded(dir: Direction, kind: 'fin' | 'rst'): void {
    const pending = this.#pendingCloses[dir];
    if (pending) return this.#closeNow(pending.command, pending.step, true);
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
      openedAt: this.traffic.openedAt,
      lastByteAt: this.traffic.lastByteAt,
      bytes: this.traffic.bytes,
      clock: this.clock,
      random: this.#randomFor(step),
      signal,
      get over() {
        return over();
      },
      end: (command) => this.end(command, step),
      reportClosed: (closed) => this.#setup.onFaultFired(step, closed),
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

  #resetDelay(): number {
    return resetGrace(this.clock, this.traffic.openedAt);
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

  #dial(target: { host: string; port: number }): void {
    const { socket, cancelTimeout } = dialTarget(target, this.clock, {
      connected: () => this.#startPipes(socket),
      unreachable: (evidence, detail) => this.#unreachable(evidence, detail),
      broken: () => this.#socketFailed('up'),
    });
    this.#upstream = socket;
    socket.on('close', this.#onSocketClose);
    this.#cleanup.push(cancelTimeout);
  }

  #unreachable(evidence: Evidence, detail: string): void {
    // with nothing on it the path stands for no path at all
    const met = this.#steps.length === 0 ? { met: { evidence, detail } } : {};
    this.end({ client: this.#resetMode('down'), server: 'rst', cause: 'target-unreachable', detail, ...met });
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

  #stopAll(): void {
    this.#pipes?.up.close();
    this.#pipes?.down.close();
    this.#watches.stop();
    for (const cancel of this.#cleanup.splice(0)) cancel();
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

/** For `accept`, which never waits. */
const NEVER_ABORTED = new AbortController().signal;
