import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { FaultSpec } from '../../shared/params.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import { forLane } from '../faults/common.ts';
import type { EndOrder } from '../faults/fault.ts';
import type { Journal } from '../journal.ts';
import { diffFaults } from './diff.ts';
import { Door } from './door.ts';
import { HttpConnection } from './http/connection.ts';
import { dial, Joint, overTls, type Carried, type Secure } from './joint.ts';
import { Link } from './link.ts';
import { resolveVia, type ResolvedPath } from './presets.ts';
import { layersOf, STEPS, type Layers } from './steps.ts';
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

/** Where a lane's connection is bound for. */
interface Bound {
  lane: string | null;
  host: string;
  port: number;
  secure: Secure | null;
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
 * change under living connections. With a policy in it, an HTTP intermediary stands in the path of every connection
 * opened from then on; byte faults act on its client's side or on its origin's, by where they stand.
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
  #joints = new Map<string, Joint>();
  /** What each intermediary remembers, by target. */
  #stores = new Map<string, Map<string, unknown>>();
  #links = new Map<number, Carried>();
  /** Legs inside the path: not connections of their own. */
  #legs = new Map<number, { leg: Link; side: 'before' | 'after' }>();
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
    return this.#layers.policies.length > 0;
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
    this.#stages = resolved.faults.map(({ name, params }) => ({
      fault: STEPS[name]!,
      params,
      key: `${name}:${JSON.stringify(params)}`,
    }));
    const keys = (layers: Layers): string => layers.policies.map((s) => s.key).join('+');
    const before = keys(this.#layers);
    this.#layers = layersOf(this.#stages);
    // Other habits are another intermediary: what the old one had counted and stored is gone.
    if (keys(this.#layers) !== before) this.#stores.clear();
    const { via, label, idleLimitMs } = resolved;
    this.#journal?.note(null, { type: 'path', via, label, idleLimitMs });
    for (const { action, spec } of changes) {
      const detail = STEPS[spec.name]!.short(spec.params);
      this.#journal?.note(null, { type: 'fault', name: spec.name, action, detail });
    }
    for (const door of this.#doors.values()) door.shut(this.refuses(door.lane));
    const { before: near, policies, after: far } = this.#layers;
    const through = policies.length > 0;
    if (through && before === '') this.#tellWhoPassesBy();
    for (const link of this.#links.values()) {
      // One that was opened without an intermediary keeps to bytes; one with it keeps it.
      if (link instanceof HttpConnection) link.apply(policies);
      else link.apply(through ? [...near, ...far] : near);
    }
    for (const { leg, side } of this.#legs.values()) leg.apply(side === 'before' ? near : far);
  }

  /** Whether dialling in from this lane fails as it does where nobody listens. */
  refuses(lane: string | null): boolean {
    return this.#layers.before.some(
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
    const doors = [...this.#doors.values(), ...this.#joints.values()].map((door) => door.close());
    for (const link of [...this.#links.values()]) link.destroy();
    for (const { leg } of [...this.#legs.values()]) leg.destroy();
    await Promise.all(doors);
  }

  /** An intermediary cannot step into a connection whose requests it has not read. */
  #tellWhoPassesBy(): void {
    const open = [...this.#links.values()].filter((link) => !(link instanceof HttpConnection)).length;
    if (open === 0) return;
    const message = `What this path does to HTTP begins with the next connections; ${open} that stand open pass it by.`;
    const hint = 'Cut all to have them come back through it.';
    this.#journal?.note(null, { type: 'notice', level: 'info', code: 'next-connections', message, hint });
  }

  #accept(to: Bound, down: Socket): void {
    if (this.#closed) return void down.destroy();
    const { before, policies } = this.#layers;
    const mediated = policies.length > 0 || to.secure !== null;
    if (!mediated) return this.#carry(to.lane, down, to, before);
    if (before.length === 0) return this.#mediate(to, down);
    const joint = this.#joint('http', to, (socket) => this.#mediate(to, socket, true));
    void joint.port().then((port) => {
      // what has come meanwhile waits in the socket until the link reads it
      this.#carry(to.lane, down, { host: '127.0.0.1', port }, this.#layers.before, 'before');
    });
  }

  /** Bytes go through faults to a target. `leg`: only part of the way. */
  #carry(
    lane: string | null,
    down: Socket,
    target: { host: string; port: number },
    stages: readonly Stage[],
    leg?: 'before' | 'after',
  ): void {
    const id = this.#nextId++;
    const table: Map<number, unknown> = leg ? this.#legs : this.#links;
    const link = new Link({
      id,
      lane,
      down,
      target,
      stages,
      clock: this.#clock,
      // By lane and number, so that one lane's reconnects never shift another's chances.
      random: this.#fork(lane, leg ?? ''),
      causes: this.#causes,
      onFire: (stage, order) => this.#fired(lane, stage, order),
      onNotice: (code, message) => this.#journal?.note(lane, { type: 'notice', level: 'error', code, message }),
      onClose: () => table.delete(id),
    });
    table.set(id, leg ? { leg: link, side: leg } : link);
  }

  /** Requests go through the intermediary. */
  #mediate(to: Bound, down: Socket, leg = false): void {
    if (this.#closed) return void down.destroy();
    const { lane, host, port, secure } = to;
    if (!leg) this.#causes.forget(down.remotePort ?? 0);
    const id = this.#nextId++;
    const target = `${host} ${port}`;
    const store = this.#stores.get(target) ?? new Map<string, unknown>();
    this.#stores.set(target, store);
    const connection = new HttpConnection({
      id,
      lane,
      down,
      store,
      dial: async () => {
        const { after } = this.#layers;
        const carry = (socket: Socket): void => this.#carry(lane, socket, to, this.#layers.after, 'after');
        const raw = after.length === 0 ? dial(host, port) : await this.#joint('origin', to, carry).dial();
        return { raw, socket: secure ? overTls(raw, secure) : raw };
      },
      stages: this.#layers.policies,
      clock: this.#clock,
      random: this.#fork(lane, leg ? 'http' : ''),
      causes: this.#causes,
      onFire: (stage, order) => this.#fired(lane, stage, order),
      onNotice: (code, message) => this.#journal?.note(lane, { type: 'notice', level: 'error', code, message }),
      onClose: () => this.#links.delete(id),
    });
    this.#links.set(id, connection);
  }

  #fork(lane: string | null, leg: string): Random {
    const nth = (this.#perLane.get(`${lane ?? ''}${leg}`) ?? 0) + 1;
    this.#perLane.set(`${lane ?? ''}${leg}`, nth);
    return this.#random.fork(`${lane ?? ''}/${nth}${leg}`);
  }

  #joint(kind: string, { lane, host, port, secure }: Bound, accept: (socket: Socket) => void): Joint {
    const key = JSON.stringify([kind, lane, host, port, secure?.servername]);
    const joint = this.#joints.get(key) ?? new Joint(lane, accept);
    this.#joints.set(key, joint);
    return joint;
  }

  #fired(lane: string | null, stage: Stage | null, order: EndOrder): void {
    const client = order.said ?? order.client;
    const how = client === order.server ? client : `${client} / ${order.server}`;
    if (stage) {
      const detail = order.detail ? `${order.detail}: ${how}` : how;
      this.#journal?.note(lane, { type: 'fault', name: stage.fault.id, action: 'fire', detail });
    } else if (order.cause === 'target-unreachable') {
      const message = `The path cannot reach the target (${order.detail}) and reset the client.`;
      this.#journal?.note(lane, { type: 'notice', level: 'warn', code: order.cause, message });
    }
  }
}
