import type { Socket } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { FaultSpec } from '../../shared/params.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../causes.ts';
import { forLane } from '../faults/common.ts';
import type { EndOrder } from '../faults/fault.ts';
import { FAULTS } from '../faults/index.ts';
import type { Journal } from '../journal.ts';
import { diffFaults } from './diff.ts';
import { Door } from './door.ts';
import { Link } from './link.ts';
import { resolveVia, type ResolvedPath } from './presets.ts';
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
 * What lies between clients and servers, at the level of bytes. Every lane enters it through a door of its own for each
 * target; the faults may change under living connections.
 */
export class Path {
  #clock: Clock;
  #random: Random;
  #journal: Journal | undefined;
  #causes: Causes;
  #resolved: ResolvedPath = resolveVia([]);
  #stages: Stage[] = [];
  #doors = new Map<string, Door>();
  #links = new Map<number, Link>();
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
      fault: FAULTS[name]!,
      params,
      key: `${name}:${JSON.stringify(params)}`,
    }));
    const { via, label, idleLimitMs } = resolved;
    this.#journal?.note(null, { type: 'path', via, label, idleLimitMs });
    for (const { action, spec } of changes) {
      const detail = FAULTS[spec.name]!.short(spec.params);
      this.#journal?.note(null, { type: 'fault', name: spec.name, action, detail });
    }
    for (const door of this.#doors.values()) door.shut(this.refuses(door.lane));
    for (const link of this.#links.values()) link.apply(this.#stages);
  }

  /** Whether dialling in from this lane fails as it does where nobody listens. */
  refuses(lane: string | null): boolean {
    return this.#stages.some(
      ({ fault, params }) => fault.refuses?.(params) && forLane(params, lane) && Number(params['chance'] ?? 1) >= 1,
    );
  }

  /**
   * Where a lane dials instead of `host:port`; ask before every dial, as a door that was shut may open elsewhere.
   * `shut` says that the path refuses this dial, which is the cause of the ECONNREFUSED to come.
   * @param listen the port to listen on; any free one by default
   * @throws Failure `port-in-use` when that very port was asked for
   */
  async enter(lane: string | null, host: string, port: number, listen = 0): Promise<Entrance> {
    const key = JSON.stringify([lane, host, port]);
    let door = this.#doors.get(key);
    if (!door) {
      const bare = host.replace(/^\[(.*)\]$/, '$1'); // an IPv6 literal as it stands in a URL
      door = new Door(lane, listen, this.refuses(lane), (down) => this.#accept(lane, bare, port, down));
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
    const doors = [...this.#doors.values()].map((door) => door.close());
    for (const link of [...this.#links.values()]) link.destroy();
    await Promise.all(doors);
  }

  #accept(lane: string | null, host: string, port: number, down: Socket): void {
    if (this.#closed) return void down.destroy();
    const id = this.#nextId++;
    const nth = (this.#perLane.get(lane ?? '') ?? 0) + 1;
    this.#perLane.set(lane ?? '', nth);
    const link = new Link({
      id,
      lane,
      down,
      target: { host, port },
      stages: this.#stages,
      clock: this.#clock,
      // By lane and number, so that one lane's reconnects never shift another's chances.
      random: this.#random.fork(`${lane ?? ''}/${nth}`),
      causes: this.#causes,
      onFire: (stage, order) => this.#fired(lane, stage, order),
      onNotice: (code, message) => this.#journal?.note(lane, { type: 'notice', level: 'error', code, message }),
      onClose: () => this.#links.delete(id),
    });
    this.#links.set(id, link);
  }

  #fired(lane: string | null, stage: Stage | null, order: EndOrder): void {
    const how = order.client === order.server ? order.client : `${order.client} / ${order.server}`;
    if (stage) {
      const detail = order.detail ? `${order.detail}: ${how}` : how;
      this.#journal?.note(lane, { type: 'fault', name: stage.fault.id, action: 'fire', detail });
    } else if (order.cause === 'target-unreachable') {
      const message = `The path cannot reach the target (${order.detail}) and reset the client.`;
      this.#journal?.note(lane, { type: 'notice', level: 'warn', code: order.cause, message });
    }
  }
}
