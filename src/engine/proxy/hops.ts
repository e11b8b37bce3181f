import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../evidence/causes.ts';
import { faultsAt, type Layers } from './layers.ts';
import type { SocketPair, SocketPairFactory } from './socket-pair.ts';
import { TcpConnection } from './tcp/connection.ts';
import type { ClosedInfo } from './tcp/faults/fault.ts';
import type { AppliedStep } from './tcp/pipeline.ts';
import type { TrafficHistory } from './tcp/traffic.ts';

export interface HopsSetup {
  id: number;
  lane: string | null;
  /** How many intermediaries there are; hops have places before, between and behind them. */
  length: number;
  /** As they are now. */
  layers(): Layers;
  socketPairs: SocketPairFactory;
  clock: Clock;
  /** A random stream for one part of the connection. */
  random(part: string): Random;
  causes: Causes;
  onFaultFired(step: AppliedStep | null, closed: ClosedInfo): void;
  onNotice(code: string, message: string): void;
  /** One of them is gone. */
  onHopGone(): void;
  /** None can be made: the machine has no ports or files left. */
  onFailure(): void;
}

/** Where byte faults act on a connection through intermediaries: each a TcpConnection between two real sockets. */
export class Hops {
  #setup: HopsSetup;
  #hops = new Map<TcpConnection, number>();
  /** On their way, by what they come behind. */
  #inserting = new Set<object>();
  #closed = false;

  constructor(setup: HopsSetup) {
    this.#setup = setup;
  }

  get size(): number {
    return this.#hops.size + this.#inserting.size;
  }

  neededAt(place: number): boolean {
    return faultsAt(this.#setup.layers(), place, this.#setup.length).length > 0;
  }

  apply(layers: Layers): void {
    for (const [hop, place] of this.#hops) hop.apply(faultsAt(layers, place, this.#setup.length));
  }

  /** @throws once all is over */
  async pair(): Promise<SocketPair> {
    const pair = await this.#setup.socketPairs.pair();
    if (!this.#closed) return pair;
    pair.near.destroy();
    pair.far.destroy();
    throw new Error('The connection is gone.');
  }

  add(
    place: number,
    downstream: Socket,
    target: Socket | { host: string; port: number },
    history?: TrafficHistory,
  ): TcpConnection {
    const { id, lane, length, layers, clock, random, causes, onFaultFired, onNotice, onHopGone } = this.#setup;
    const hop = new TcpConnection({
      id,
      lane,
      downstream,
      target,
      knownPort: place > 0,
      ...(history ? { history } : {}),
      steps: faultsAt(layers(), place, length),
      clock,
      random: random(place === 0 ? 'before' : place === length ? 'after' : `between ${place}`),
      causes,
      onFaultFired,
      onNotice,
      onClose: () => {
        this.#hops.delete(hop);
        onHopGone();
      },
    });
    this.#hops.set(hop, place);
    return hop;
  }

  /**
   * Into a connection that is there; bytes in flight keep their order.
   * @param attach takes the sockets in, or says that it is too late
   */
  insert(behind: object, attach: (pair: SocketPair) => boolean): void {
    if (this.#inserting.has(behind)) return;
    this.#inserting.add(behind);
    void this.pair().then(
      (pair) => {
        this.#inserting.delete(behind);
        if (attach(pair)) return;
        pair.near.destroy();
        pair.far.destroy();
      },
      () => this.#setup.onFailure(),
    );
  }

  destroy(): void {
    this.#closed = true;
    for (const hop of [...this.#hops.keys()]) hop.destroy();
  }
}
