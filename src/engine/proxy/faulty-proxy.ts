import type { Clock } from '../../shared/clock.ts';
import { Failure, failureData } from '../../shared/failure.ts';
import type { Fact, Observation, ProxySummary } from '../../shared/observation.ts';
import type { Random } from '../../shared/random.ts';
import { Journal } from '../journal.ts';
import { viewOf, type FaultView, type NamedFault } from './named-fault.ts';
import { Path, type ConnectionView } from './path.ts';
import { resolveVia } from './presets.ts';
import { isSecure, plainUrl, proxyUrl, type ProxyTarget } from './proxy-target.ts';
import { trusting } from './roots.ts';
import { SocketTally, type Traffic, type Visit } from './socket-tally.ts';

/** All that one proxy is made of. */
export interface ProxySpec {
  name: string;
  /** 0 for any free port. */
  listen: number;
  target: ProxyTarget;
  faults: readonly NamedFault[];
  enabled: boolean;
}

export interface ProxySurroundings {
  clock: Clock;
  random: Random;
  journal: Journal;
  /** Whom to trust where the path speaks TLS; by default, whom the machine trusts. PEM. */
  roots?: readonly string[];
}

/** A proxy as it crosses the control API. */
export interface ProxyView {
  name: string;
  /** The port on 127.0.0.1. */
  listen: number;
  /** Where a client goes instead of the target. */
  url: string;
  target: string;
  enabled: boolean;
  label: string;
  /** As one would type it after --via. */
  via: string[];
  idleLimitMs: number | null;
  faults: FaultView[];
  /** How many are open. */
  connections: number;
}

/** How long destroyed sockets may take to be gone. Real milliseconds. */
const GONE_MS = 1000;

/** A port, the path behind it and the target at its end. Disabled, it refuses as a port does where nobody listens. */
export class FaultyProxy {
  readonly name: string;
  #around: ProxySurroundings;
  #spec: ProxySpec;
  #path: Path;
  #tally: SocketTally;
  #port = 0;
  #ended: Record<string, number> = {};
  #unreachable = 0;

  private constructor(spec: ProxySpec, around: ProxySurroundings) {
    this.name = spec.name;
    this.#spec = spec;
    this.#around = around;
    const { clock, random, journal } = around;
    this.#tally = new SocketTally({
      now: () => clock.now(),
      targetPort: spec.target.port,
      onOpen: (visit) => this.#noteVisit('open', visit),
      onClose: (visit) => this.#noteVisit('close', visit),
      onUnreachable: () => this.#unreachable++,
    });
    this.#path = new Path({
      clock,
      random: random.fork(`proxy/${spec.name}`),
      journal: new LaneJournal(clock, journal, spec.name, (fact) => this.#see(fact)),
      causes: this.#tally.causes,
    });
  }

  /** @throws Failure `port-in-use` and the like, exit 3 */
  static async open(spec: ProxySpec, around: ProxySurroundings): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(spec, around);
    try {
      await proxy.#set(spec);
    } catch (error) {
      await proxy.close();
      throw error;
    }
    return proxy;
  }

  get spec(): ProxySpec {
    return this.#spec;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return proxyUrl(this.#spec.target, this.#port);
  }

  /** Where a client goes that leaves TLS to the path; null where the target speaks none. */
  get plainUrl(): string | null {
    return plainUrl(this.#spec.target, this.#port);
  }

  get traffic(): Traffic {
    return this.#tally.traffic;
  }

  view(): ProxyView {
    const { name, target, enabled, faults } = this.#spec;
    const { via, label, idleLimitMs } = resolveVia(faults.map((f) => f.text));
    return {
      name,
      listen: this.#port,
      url: this.url,
      target: target.text,
      enabled,
      label,
      via,
      idleLimitMs,
      faults: faults.map(viewOf),
      connections: this.#tally.open,
    };
  }

  /** @throws Failure when a port that was given back has been taken meanwhile */
  async enable(enabled: boolean): Promise<void> {
    if (enabled === this.#spec.enabled) return;
    await this.#set({ ...this.#spec, enabled });
    if (!enabled) this.#path.cutAll('fin');
  }

  async setFaults(faults: readonly NamedFault[]): Promise<void> {
    await this.#set({ ...this.#spec, faults });
  }

  cut(end: 'fin' | 'rst'): number {
    return this.#path.cutAll(end);
  }

  connections(): ConnectionView[] {
    return this.#path.connections();
  }

  /** Open client connections. */
  get open(): number {
    return this.#tally.open;
  }

  summary(): ProxySummary {
    const { received, sent } = this.#tally.traffic;
    return {
      target: this.#spec.target.text,
      connections: this.#tally.connections,
      bytesUp: received.up,
      bytesDown: sent.down,
      ended: { ...this.#ended },
      unreachable: this.#unreachable,
    };
  }

  async close(): Promise<void> {
    await this.#path.close();
    const { clock } = this.#around;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = clock.after(GONE_MS * clock.scale, resolve)));
    await Promise.race([this.#tally.quiet(), late]); // so that the last connections have told of their end
    cancel();
    this.#tally.close();
  }

  async #set(spec: ProxySpec): Promise<void> {
    const before = this.#spec;
    this.#apply(spec);
    const { host, port } = spec.target;
    // A client that speaks plain HTTP lets the path speak TLS; one that speaks TLS itself passes unread.
    const servername = host.replace(/^\[(.*)\]$/, '$1');
    const secure = isSecure(spec.target) ? { servername, secureContext: trusting(this.#around.roots) } : undefined;
    let open: number;
    try {
      open = (await this.#path.enter(this.name, host, port, spec.listen, secure)).port;
    } catch (error) {
      this.#apply({ ...before, enabled: false });
      throw new Failure({ ...failureData(error), place: 'listen' });
    }
    if (this.#port !== 0 && open !== this.#port) {
      const message = `Port ${this.#port} was taken meanwhile: ${this.name} is at port ${open} now.`;
      this.#around.journal.note(this.name, { type: 'notice', level: 'warn', code: 'proxy-moved', message });
    }
    this.#tally.listen((this.#port = open));
  }

  #apply(spec: ProxySpec): void {
    this.#path.set(resolveVia([...(spec.enabled ? [] : ['refuse:']), ...spec.faults.map((f) => f.text)]));
    this.#spec = spec;
  }

  #noteVisit(action: 'open' | 'close', { port, openedAt, bytes }: Visit): void {
    const { clock, journal } = this.#around;
    const age = Math.round(clock.now() - openedAt);
    journal.note(this.name, { type: 'connection', action, port, age, bytes });
  }

  #see(fact: Fact): void {
    if (fact.type === 'fault' && fact.action === 'fire') this.#ended[fact.name] = (this.#ended[fact.name] ?? 0) + 1;
  }
}

/** Says of everything which proxy it is about. */
class LaneJournal extends Journal {
  #outer: Journal;
  #lane: string;
  #heard: (fact: Fact) => void;

  constructor(clock: Clock, outer: Journal, lane: string, heard: (fact: Fact) => void) {
    super(clock);
    this.#outer = outer;
    this.#lane = lane;
    this.#heard = heard;
  }

  override note(lane: string | null, fact: Fact): Observation {
    this.#heard(fact);
    return this.#outer.note(lane ?? this.#lane, fact);
  }
}
