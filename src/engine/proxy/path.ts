import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { FaultSpec } from '../../shared/params.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import { forLane } from '../faults/common.ts';
import type { EndTold } from '../faults/fault.ts';
import type { Journal } from '../journal.ts';
import { diffFaults } from './diff.ts';
import { Door } from './door.ts';
import { fireDetail, unreachableWords } from './fire-words.ts';
import { Chain, type Bound } from './chain.ts';
import { isPolicy } from './http/policy.ts';
import { Seam, type Secure } from './joint.ts';
import { Link, type LinkSetup } from './link.ts';
import { resolveVia, type ResolvedPath } from './presets.ts';
import { bytesAt, layersOf, STEPS, type Layers } from './steps.ts';
import type { Stage } from './stretch.ts';

export interface PathSetup {
  clock: Clock;
  random: Random;
  /** Hears of changes and of every connection the path ends. */
  journal?: Journal;
  causes: Causes;
}

/** Where to dial to enter the path. */
export interface Entrance {
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
 * What lies between clients and servers. Every lane enters it through a door of its own for each target; the faults may
 * change under living connections. With policies in it, HTTP intermediaries stand in the way of every connection opened
 * from then on; byte faults act where they stand: before them, between them or behind them.
 */
export class Path {
  #clock: Clock;
  #random: Random;
  #journal: Journal | undefined;
  #causes: Causes;
  #resolved: ResolvedPath = resolveVia([]);
  #stages: Stage[] = [];
  #layers: Layers = layersOf([]);
  #doors = new Map<string, Door>();
  readonly #seam = new Seam();
  /** What each intermediary remembers, by its place and the target. */
  #stores = new Map<string, Map<string, unknown>>();
  #links = new Map<number, Link | Chain>();
  /** Chains whose client is gone, and that have something to finish. */
  #lingering = new Set<Chain>();
  #nextId = 1;
  #perLane = new Map<string, number>();
  #closed = false;

  constructor({ clock, random, journal, causes }: PathSetup) {
    this.#clock = clock;
    this.#random = random;
    this.#journal = journal;
    this.#causes = causes;
  }

  get label(): string {
    return this.#resolved.label;
  }

  get via(): string[] {
    return this.#resolved.via;
  }

  /** Policies act on plain HTTP only: whoever speaks TLS lets the path speak it for them. */
  get readsHttp(): boolean {
    return this.#layers.intermediaries.length > 0;
  }

  get idleLimitMs(): number | null {
    return this.#resolved.idleLimitMs;
  }

  get faults(): readonly FaultSpec[] {
    return this.#resolved.faults;
  }

  /** New faults take over on every connection, old and new; what the old ones hold goes on at once, in order. */
  set(resolved: ResolvedPath): void {
    if (this.#closed) return;
    const changes = diffFaults(this.#resolved.faults, resolved.faults);
    this.#resolved = resolved;
    this.#stages = stagesOf(resolved);
    const keys = ({ intermediaries }: Layers): string => JSON.stringify(intermediaries.map((i) => i.map((s) => s.key)));
    const before = this.#layers;
    this.#layers = layersOf(this.#stages);
    // Other habits are another intermediary: what the old one had counted and stored is gone.
    if (keys(this.#layers) !== keys(before)) this.#stores.clear();
    const { via, label, idleLimitMs } = resolved;
    this.#journal?.note(null, { type: 'path', via, label, idleLimitMs });
    for (const { action, spec } of changes) {
      const detail = STEPS[spec.name]!.short(spec.params);
      this.#journal?.note(null, { type: 'fault', name: spec.name, action, detail });
    }
    for (const door of this.#doors.values()) door.shut(this.refuses(door.lane));
    const { length } = this.#layers.intermediaries;
    if (length > 0) this.#tellWhoPassesBy(length);
    let sealed = 0;
    for (const link of this.#links.values()) {
      // One that was opened through fewer intermediaries keeps to those.
      if (link instanceof Chain) sealed += link.apply(this.#layers);
      else link.apply(bytesAt(this.#layers, 0, 0));
    }
    for (const chain of this.#lingering) chain.apply(this.#layers);
    if (sealed > 0) this.#tellWhoIsSealed(sealed);
  }

  /** Whether dialling in from this lane fails as it does where nobody listens. */
  refuses(lane: string | null): boolean {
    return this.#layers.bytes[0]!.some(
      ({ fault, params }) => fault.refuses?.(params) && forLane(params, lane) && Number(params['chance'] ?? 1) >= 1,
    );
  }

  /**
   * Where a lane dials instead of `host:port`; ask before every dial, as a door that was shut may open elsewhere.
   * `shut` says that the path refuses this dial, which is the cause of the ECONNREFUSED to come.
   * @param listen the port to listen on; any free one by default
   * @param secure the dialler speaks plain HTTP, and the path speaks TLS to the target
   * @throws Failure `port-in-use` when that very port was asked for
   */
  async enter(lane: string | null, host: string, port: number, listen = 0, secure?: Secure): Promise<Entrance> {
    const key = JSON.stringify([lane, host, port, secure?.servername]);
    let door = this.#doors.get(key);
    if (!door) {
      const bare = host.replace(/^\[(.*)\]$/, '$1'); // an IPv6 literal as it stands in a URL
      door = new Door(lane, listen, this.refuses(lane), (down) =>
        this.#accept({ lane, host: bare, port, secure: secure ?? null }, down),
      );
      this.#doors.set(key, door);
    }
    try {
      const open = await door.port();
      return { host: '127.0.0.1', port: open, ...(this.refuses(lane) && { shut: true }) };
    } catch (error) {
      this.#doors.delete(key);
      throw error;
    }
  }

  /** Ends every open connection, or those of one lane. Returns how many. */
  cutAll(end: 'fin' | 'rst', lane?: string): number {
    let cut = 0;
    for (const link of [...this.#links.values()]) {
      if (link.over || (lane !== undefined && link.lane !== lane)) continue;
      link.end({ client: end, server: end, cause: 'cut' });
      cut++;
    }
    return cut;
  }

  connections(): ConnectionView[] {
    const now = this.#clock.now();
    return [...this.#links.values()].map((link) => ({
      id: link.id,
      lane: link.lane,
      state: link.over ? 'ended' : 'open',
      age: Math.round(now - link.openedAt),
      silence: Math.round(now - Math.max(link.lastByteAt.up, link.lastByteAt.down)),
      bytes: { ...link.bytes },
    }));
  }

  /** Ends every door and connection, and waits until the ports are free. */
  async close(): Promise<void> {
    this.#closed = true;
    const doors = [...this.#doors.values(), this.#seam].map((door) => door.close());
    for (const link of [...this.#links.values(), ...this.#lingering]) link.destroy();
    await Promise.all(doors);
  }

  /** An intermediary cannot step into a connection whose requests it has not read. */
  #tellWhoPassesBy(length: number): void {
    const open = [...this.#links.values()].filter((link) => (link instanceof Chain ? link.length : 0) < length).length;
    if (open === 0) return;
    const message = `What this path does to HTTP begins with the next connections; ${open} that stand open pass it by.`;
    this.#noteNext(message);
  }

  /** Nor can a fault come beneath TLS that is being spoken. */
  #tellWhoIsSealed(connections: number): void {
    const message = `Faults of bytes begin with the next connections to the target where TLS is spoken to it; ${connections} are open.`;
    this.#noteNext(message);
  }

  #noteNext(message: string): void {
    const hint = 'Cut all to have them come back through it.';
    this.#journal?.note(null, { type: 'notice', level: 'info', code: 'next-connections', message, hint });
  }

  #accept(to: Bound, down: Socket): void {
    if (this.#closed) return void down.destroy();
    const { length } = this.#layers.intermediaries;
    if (length > 0) return this.#mediate(to, down, length);
    // to speak TLS for a lane that does not, somebody has to stand there
    if (to.secure !== null) return this.#mediate(to, down, 1);
    const id = this.#nextId++;
    const { lane, host, port } = to;
    const link = new Link({
      id,
      lane,
      down,
      target: { host, port },
      stages: bytesAt(this.#layers, 0, 0),
      clock: this.#clock,
      // By lane and number, so that one lane's reconnects never shift another's chances.
      random: this.#fork(lane, ''),
      causes: this.#causes,
      ...this.#heard(lane),
      onClose: () => this.#links.delete(id),
    });
    this.#links.set(id, link);
  }

  /** Requests go through intermediaries. */
  #mediate(to: Bound, down: Socket, length: number): void {
    const id = this.#nextId++;
    const { lane, host, port } = to;
    const chain: Chain = new Chain({
      id,
      to,
      down,
      layers: () => this.#layers,
      length,
      seam: this.#seam,
      clock: this.#clock,
      random: (part) => this.#fork(lane, part),
      causes: this.#causes,
      store: (place) => {
        const key = `${place} ${host} ${port}`;
        const store = this.#stores.get(key) ?? new Map<string, unknown>();
        this.#stores.set(key, store);
        return store;
      },
      ...this.#heard(lane),
      onClose: () => {
        this.#links.delete(id);
        this.#lingering.add(chain);
      },
      onGone: () => this.#lingering.delete(chain),
    });
    this.#links.set(id, chain);
  }

  #heard(lane: string | null): Pick<LinkSetup, 'onFire' | 'onNotice'> {
    return {
      onFire: (stage, order) => this.#fired(lane, stage, order),
      onNotice: (code, message) => this.#journal?.note(lane, { type: 'notice', level: 'error', code, message }),
    };
  }

  #fork(lane: string | null, leg: string): Random {
    const nth = (this.#perLane.get(`${lane ?? ''}${leg}`) ?? 0) + 1;
    this.#perLane.set(`${lane ?? ''}${leg}`, nth);
    return this.#random.fork(`${lane ?? ''}/${nth}${leg}`);
  }

  #fired(lane: string | null, stage: Stage | null, told: EndTold): void {
    if (stage) {
      const detail = fireDetail(told, stage.assumed !== undefined);
      this.#journal?.note(lane, { type: 'fault', name: stage.fault.id, action: 'fire', detail });
    }
    if (told.cause !== 'target-unreachable') return;
    this.#journal?.note(lane, { type: 'notice', level: 'warn', code: told.cause, ...unreachableWords(told) });
  }
}

/** Two that are alike are told apart by which comes first: each has a chance and a memory of its own. */
function stagesOf({ faults, presets }: ResolvedPath): Stage[] {
  const seen = new Map<string, number>();
  const stages = faults.map(({ name, params, assumed }): Stage => {
    const same = `${name}:${JSON.stringify(params)}`;
    const nth = (seen.get(same) ?? 0) + 1;
    seen.set(same, nth);
    const key = nth === 1 ? same : `${same} ${nth}`;
    return { fault: STEPS[name]!, params, key, ...(assumed && { assumed }) };
  });
  for (const { from, to } of presets) {
    const own = stages.slice(from, to);
    const first = own.find((s) => isPolicy(s.fault));
    for (const stage of own) stage.preset = stage === first ? 'first' : 'other';
  }
  return stages;
}
