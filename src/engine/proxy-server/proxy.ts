import type { Clock } from '../../shared/clock.ts';
import { Failure, failureData } from '../../shared/failure.ts';
import type { Fact, Observation, ProxySummary } from '../../shared/observation.ts';
import type { Random } from '../../shared/random.ts';
import { Journal } from '../journal/journal.ts';
import { viewOf, type FaultView, type NamedFault } from './named-fault.ts';
import { Path, type ConnectionView } from '../proxy/path.ts';
import { describePath } from '../../shared/path/describe.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import { resolveVia } from '../../shared/path/resolve.ts';
import { isSecure, plainUrl, proxyUrl, type ProxyTarget } from './target.ts';
import { trustedContext } from './trusted-roots.ts';
import { TrafficCounter, type Traffic, type ClientSocket } from './traffic-counter.ts';

/** All that one proxy is made of. */
export interface ProxySpec {
  name: string;
  /** 0 for any free port. */
  listen: number;
  target: ProxyTarget;
  faults: readonly NamedFault[];
  enabled: boolean;
}

export interface ProxyDeps {
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
const CLOSE_TIMEOUT_MS = 1000;

/** A port, the path behind it and the target at its end. Disabled, it refuses as a port does where nobody listens. */
export class ProxyServer {
  readonly name: string;
  #deps: ProxyDeps;
  #spec: ProxySpec;
  #path: Path;
  #counter: TrafficCounter;
  #port = 0;
  #firedCounts: Record<string, number> = {};
  #unreachable = 0;

  private constructor(spec: ProxySpec, around: ProxyDeps) {
    this.name = spec.name;
    this.#spec = spec;
    this.#deps = around;
    const { clock, random, journal } = around;
    this.#counter = new TrafficCounter({
      now: () => clock.now(),
      targetPort: spec.target.port,
      onOpen: (visit) => this.#noteConnection('open', visit),
      onClose: (visit) => this.#noteConnection('close', visit),
      onUnreachable: () => this.#unreachable++,
    });
    this.#path = new Path({
      clock,
      random: random.fork(`proxy/${spec.name}`),
      journal: new ProxyJournal(clock, journal, spec.name, (fact) => this.#countFired(fact)),
      causes: this.#counter.causes,
    });
  }

  /** @throws Failure `port-in-use` and the like, exit 3 */
  static async open(spec: ProxySpec, around: ProxyDeps): Promise<ProxyServer> {
    const proxy = new ProxyServer(spec, around);
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
    return this.#counter.traffic;
  }

  view(): ProxyView {
    const { name, target, enabled, faults } = this.#spec;
    const { via, label, idleLimitMs } = describePath(pathOf(faults));
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
      connections: this.#counter.open,
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
    return this.#counter.open;
  }

  summary(): ProxySummary {
    const { received, sent } = this.#counter.traffic;
    return {
      target: this.#spec.target.text,
      connections: this.#counter.connections,
      bytesUp: received.up,
      bytesDown: sent.down,
      ended: { ...this.#firedCounts },
      unreachable: this.#unreachable,
    };
  }

  async close(): Promise<void> {
    await this.#path.close();
    const { clock } = this.#deps;
    let cancel = (): void => undefined;
    const late = new Promise<void>((resolve) => (cancel = clock.after(CLOSE_TIMEOUT_MS * clock.scale, resolve)));
    await Promise.race([this.#counter.allClosed(), late]); // so that the last connections have been reported closed
    cancel();
    this.#counter.close();
  }

  async #set(spec: ProxySpec): Promise<void> {
    const before = this.#spec;
    this.#apply(spec);
    const { host, port } = spec.target;
    // A client that speaks plain HTTP lets the path speak TLS; one that speaks TLS itself passes unread.
    const servername = host.replace(/^\[(.*)\]$/, '$1');
    const secure = isSecure(spec.target) ? { servername, secureContext: trustedContext(this.#deps.roots) } : undefined;
    let open: number;
    try {
      open = (await this.#path.enter(this.name, host, port, spec.listen, secure)).port;
    } catch (error) {
      this.#apply({ ...before, enabled: false });
      throw new Failure({ ...failureData(error), place: 'listen' });
    }
    if (this.#port !== 0 && open !== this.#port) {
      const message = `Port ${this.#port} was taken meanwhile: ${this.name} is at port ${open} now.`;
      this.#deps.journal.note(this.name, { type: 'notice', level: 'warn', code: 'proxy-moved', message });
    }
    this.#counter.listen((this.#port = open));
  }

  #apply(spec: ProxySpec): void {
    const path = pathOf(spec.faults);
    this.#path.set(spec.enabled ? path : [...resolveVia(['refuse:']), ...path]);
    this.#spec = spec;
  }

  #noteConnection(action: 'open' | 'close', { port, openedAt, bytes }: ClientSocket): void {
    const { clock, journal } = this.#deps;
    const age = Math.round(clock.now() - openedAt);
    journal.note(this.name, { type: 'connection', action, port, age, bytes });
  }

  #countFired(fact: Fact): void {
    if (fact.type === 'fault' && fact.action === 'fire')
      this.#firedCounts[fact.name] = (this.#firedCounts[fact.name] ?? 0) + 1;
  }
}

/** Notes every fact under the proxy's name. */
class ProxyJournal extends Journal {
  #outer: Journal;
  #lane: string;
  #onFact: (fact: Fact) => void;

  constructor(clock: Clock, outer: Journal, lane: string, heard: (fact: Fact) => void) {
    super(clock);
    this.#outer = outer;
    this.#lane = lane;
    this.#onFact = heard;
  }

  override note(lane: string | null, fact: Fact): Observation {
    this.#onFact(fact);
    return this.#outer.note(lane ?? this.#lane, fact);
  }
}

/** What `direct` stands for is nothing. */
const pathOf = (faults: readonly NamedFault[]): PathSpec =>
  faults.map((fault) => fault.item).filter((item) => item.steps.length > 0);
