import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../evidence/causes.ts';
import { matchesLane } from './tcp/faults/common-params.ts';
import type { ClosedInfo } from './tcp/faults/fault.ts';
import type { Journal } from '../journal/journal.ts';
import { DEFINITIONS } from '../../shared/path/definitions.ts';
import { diffSteps } from './path-diff.ts';
import { Listener } from './listener.ts';
import { closedDetail, unreachableNotice } from './closed-detail.ts';
import { ProxyChain, type ConnectionTarget } from './proxy-chain.ts';
import { isPolicy } from './http/policy.ts';
import { SocketPairFactory, type TlsTarget } from './socket-pair.ts';
import { TcpConnection, type TcpConnectionSetup } from './tcp/connection.ts';
import { assumedOf, describePath, type PathDescription } from '../../shared/path/describe.ts';
import { stepsOf, type PathSpec, type PathStep } from '../../shared/path/spec.ts';
import { faultsAt, layersOf, type Layers } from './layers.ts';
import { REGISTRY } from './registry.ts';
import type { AppliedStep } from './tcp/pipeline.ts';

export interface PathSetup {
  clock: Clock;
  random: Random;
  /** Hears of changes and of every connection the path ends. */
  journal?: Journal;
  causes: Causes;
}

/** Where to dial to enter the path. */
export interface EntryPoint {
  host: '127.0.0.1';
  port: number;
  shut?: boolean;
}

/** A connection as it stands. Milliseconds and bytes. */
export interface ConnectionView {
  id: number;
  lane: string | null;
  /** `open`, or `ended`: the path has ended it and the sockets linger. */
  state: 'open' | 'ended';
  age: number;
  /** Since the last byte either way. */
  silence: number;
  bytes: { up: number; down: number };
}

/**
 * What lies between clients and servers. Every lane enters it through a listener of its own for each target; the faults may
 * change under living connections. With policies in it, HTTP intermediaries stand in the way of every connection opened
 * from then on; byte faults act where they stand: before them, between them or behind them.
 */
export class Path {
  #clock: Clock;
  #random: Random;
  #journal: Journal | undefined;
  #causes: Causes;
  #spec: PathSpec = [];
  #description: PathDescription = describePath([]);
  #steps: AppliedStep[] = [];
  #layers: Layers = layersOf([]);
  #listeners = new Map<string, Listener>();
  readonly #socketPairs = new SocketPairFactory();
  /** What each intermediary remembers, by its place and the target. */
  #stores = new Map<string, Map<string, unknown>>();
  #connections = new Map<number, TcpConnection | ProxyChain>();
  /** Chains whose client is gone, and that have something to finish. */
  #lingering = new Set<ProxyChain>();
  #nextId = 1;
  #connectionCounts = new Map<string, number>();
  #closed = false;

  constructor({ clock, random, journal, causes }: PathSetup) {
    this.#clock = clock;
    this.#random = random;
    this.#journal = journal;
    this.#causes = causes;
  }

  get description(): PathDescription {
    return this.#description;
  }

  /** Policies act on plain HTTP only: whoever speaks TLS lets the path speak it for them. */
  get readsHttp(): boolean {
    return this.#layers.intermediaries.length > 0;
  }

  get idleLimitMs(): number | null {
    return this.#description.idleLimitMs;
  }

  /**
   * New faults take over on every connection, old and new; what the old ones hold goes on at once, in order.
   * @param name what somebody has called this path
   */
  set(path: PathSpec, name: string | null = null): void {
    if (this.#closed) return;
    const changes = diffSteps(stepsOf(this.#spec), stepsOf(path));
    this.#spec = path;
    const description = describePath(path);
    this.#description = { ...description, label: name ?? description.label };
    this.#steps = appliedSteps(path);
    const keys = ({ intermediaries }: Layers): string => JSON.stringify(intermediaries.map((i) => i.map((s) => s.key)));
    const before = this.#layers;
    this.#layers = layersOf(this.#steps);
    // Other policies are another intermediary: what the old one had counted and stored is gone.
    if (keys(this.#layers) !== keys(before)) this.#stores.clear();
    this.#journal?.note(null, { type: 'path', ...this.#description });
    for (const { action, step } of changes) {
      const detail = DEFINITIONS[step.name]!.summary(step.params);
      this.#journal?.note(null, { type: 'fault', name: step.name, action, detail });
    }
    for (const listener of this.#listeners.values()) listener.setRefusing(this.refuses(listener.lane));
    const { length } = this.#layers.intermediaries;
    if (length > 0) this.#noticeBypassing(length);
    let opaque = 0;
    for (const connection of this.#connections.values()) {
      // One that was opened through fewer intermediaries keeps to those.
      if (connection instanceof ProxyChain) opaque += connection.apply(this.#layers);
      else connection.apply(faultsAt(this.#layers, 0, 0));
    }
    for (const chain of this.#lingering) chain.apply(this.#layers);
    if (opaque > 0) this.#noticeOpaque(opaque);
  }

  /** Whether dialling in from this lane fails as it does where nobody listens. */
  refuses(lane: string | null): boolean {
    return this.#layers.byteFaults[0]!.some(
      ({ fault, params }) => fault.refusesConnections?.(params) && matchesLane(params, lane) && params.chance >= 1,
    );
  }

  /**
   * Where a lane dials instead of `host:port`; ask before every dial, as a listener that refused may come back on another port.
   * `shut` says that the path refuses this dial, which is the cause of the ECONNREFUSED to come.
   * @param listen the port to listen on; any free one by default
   * @param secure the dialler speaks plain HTTP, and the path speaks TLS to the target
   * @throws Failure `port-in-use` when that very port was asked for
   */
  async enter(lane: string | null, host: string, port: number, listen = 0, secure?: TlsTarget): Promise<EntryPoint> {
    const key = JSON.stringify([lane, host, port, secure?.servername]);
    let listener = this.#listeners.get(key);
    if (!listener) {
      const bare = host.replace(/^\[(.*)\]$/, '$1'); // an IPv6 literal as it stands in a URL
      listener = new Listener(lane, listen, this.refuses(lane), (down) =>
        this.#accept({ lane, host: bare, port, secure: secure ?? null }, down),
      );
      this.#listeners.set(key, listener);
    }
    try {
      const open = await listener.port();
      return { host: '127.0.0.1', port: open, ...(this.refuses(lane) && { shut: true }) };
    } catch (error) {
      this.#listeners.delete(key);
      throw error;
    }
  }

  /** Ends every open connection, or those of one lane. Returns how many. */
  cutAll(end: 'fin' | 'rst', lane?: string): number {
    let cut = 0;
    for (const connection of [...this.#connections.values()]) {
      if (connection.over || (lane !== undefined && connection.lane !== lane)) continue;
      connection.end({ client: end, server: end, cause: 'cut' });
      cut++;
    }
    return cut;
  }

  connections(): ConnectionView[] {
    const now = this.#clock.now();
    return [...this.#connections.values()].map((connection) => ({
      id: connection.id,
      lane: connection.lane,
      state: connection.over ? 'ended' : 'open',
      age: Math.round(now - connection.traffic.openedAt),
      silence: Math.round(now - Math.max(connection.traffic.lastByteAt.up, connection.traffic.lastByteAt.down)),
      bytes: { ...connection.traffic.bytes },
    }));
  }

  /** Closes every listener and connection, and waits until the ports are free. */
  async close(): Promise<void> {
    this.#closed = true;
    const closing = [...this.#listeners.values(), this.#socketPairs].map((one) => one.close());
    for (const connection of [...this.#connections.values(), ...this.#lingering]) connection.destroy();
    await Promise.all(closing);
  }

  /** An intermediary cannot step into a connection whose requests it has not read. */
  #noticeBypassing(length: number): void {
    const open = [...this.#connections.values()].filter(
      (connection) => (connection instanceof ProxyChain ? connection.length : 0) < length,
    ).length;
    if (open === 0) return;
    const message = `What this path does to HTTP begins with the next connections; ${open} that stand open pass it by.`;
    this.#noticeNextConnections(message);
  }

  /** Nor can a fault come beneath TLS that is being spoken. */
  #noticeOpaque(connections: number): void {
    const message = `Faults of bytes begin with the next connections to the target where TLS is spoken to it; ${connections} are open.`;
    this.#noticeNextConnections(message);
  }

  #noticeNextConnections(message: string): void {
    const hint = 'Cut all to have them come back through it.';
    this.#journal?.note(null, { type: 'notice', level: 'info', code: 'next-connections', message, hint });
  }

  #accept(target: ConnectionTarget, downstream: Socket): void {
    if (this.#closed) return void downstream.destroy();
    const { length } = this.#layers.intermediaries;
    if (length > 0) return this.#openChain(target, downstream, length);
    // speaking TLS for a lane that does not takes an intermediary
    if (target.secure !== null) return this.#openChain(target, downstream, 1);
    const id = this.#nextId++;
    const { lane, host, port } = target;
    const connection = new TcpConnection({
      id,
      lane,
      downstream,
      target: { host, port },
      steps: faultsAt(this.#layers, 0, 0),
      clock: this.#clock,
      // By lane and number, so that one lane's reconnects never shift another's chances.
      random: this.#fork(lane, ''),
      causes: this.#causes,
      ...this.#reporters(lane),
      onClose: () => this.#connections.delete(id),
    });
    this.#connections.set(id, connection);
  }

  /** Requests go through intermediaries. */
  #openChain(target: ConnectionTarget, downstream: Socket, length: number): void {
    const id = this.#nextId++;
    const { lane, host, port } = target;
    const chain: ProxyChain = new ProxyChain({
      id,
      target: target,
      downstream,
      layers: () => this.#layers,
      length,
      socketPairs: this.#socketPairs,
      clock: this.#clock,
      random: (part) => this.#fork(lane, part),
      causes: this.#causes,
      store: (place) => {
        const key = `${place} ${host} ${port}`;
        const store = this.#stores.get(key) ?? new Map<string, unknown>();
        this.#stores.set(key, store);
        return store;
      },
      ...this.#reporters(lane),
      onClose: () => {
        this.#connections.delete(id);
        this.#lingering.add(chain);
      },
      onGone: () => this.#lingering.delete(chain),
    });
    this.#connections.set(id, chain);
  }

  #reporters(lane: string | null): Pick<TcpConnectionSetup, 'onFaultFired' | 'onNotice'> {
    return {
      onFaultFired: (step, order) => this.#noteFired(lane, step, order),
      onNotice: (code, message) => this.#journal?.note(lane, { type: 'notice', level: 'error', code, message }),
    };
  }

  #fork(lane: string | null, suffix: string): Random {
    const nth = (this.#connectionCounts.get(`${lane ?? ''}${suffix}`) ?? 0) + 1;
    this.#connectionCounts.set(`${lane ?? ''}${suffix}`, nth);
    return this.#random.fork(`${lane ?? ''}/${nth}${suffix}`);
  }

  #noteFired(lane: string | null, step: AppliedStep | null, closed: ClosedInfo): void {
    if (step) {
      const detail = closedDetail(closed, step.assumed !== undefined);
      this.#journal?.note(lane, { type: 'fault', name: step.fault.definition.id, action: 'fire', detail });
    }
    if (closed.cause !== 'target-unreachable') return;
    this.#journal?.note(lane, { type: 'notice', level: 'warn', code: closed.cause, ...unreachableNotice(closed) });
  }
}

/** Equal steps get keys of their own by order, so that each has its own chance and state. */
function appliedSteps(path: PathSpec): AppliedStep[] {
  const seen = new Map<string, number>();
  const keyOf = ({ name, params }: PathStep): string => {
    const same = `${name}:${JSON.stringify(params)}`;
    const nth = (seen.get(same) ?? 0) + 1;
    seen.set(same, nth);
    return nth === 1 ? same : `${same} ${nth}`;
  };
  return path.flatMap((item) => {
    const assumed = assumedOf(item);
    const steps = item.steps.map((step, i): AppliedStep => {
      const applied = { fault: REGISTRY[step.name]!, params: step.params, key: keyOf(step) };
      return assumed[i]!.length > 0 ? { ...applied, assumed: assumed[i]! } : applied;
    });
    if (item.preset === undefined) return steps;
    const first = steps.find((step) => isPolicy(step.fault));
    return steps.map((step) => ({ ...step, preset: step === first ? 'first' : 'other' }));
  });
}
