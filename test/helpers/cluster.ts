/** Event servers in processes of their own behind a real HAProxy, on a Redis with a replica; and clients that keep count. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request, type ClientRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SseParser, type SsePart } from '../../src/engine/wire/sse-parse.ts';
import type { Random } from '../../src/shared/random.ts';
import { RedisRig } from './redis-rig.ts';
import { freePort, program } from './rigs.ts';

const CLI = join(import.meta.dirname, '../../src/cli/index.ts');
const CONFIG = join(import.meta.dirname, '../rigs/haproxy/cluster.cfg');

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  const until = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`waited ${withinMs} ms for ${what}`);
    await pause(25);
  }
}

export class Cluster {
  readonly url: string;
  readonly #dir: string;
  readonly #servers: { port: number; child: ChildProcess | null }[];
  readonly #redisPort: number;
  #haproxy: ChildProcess | null = null;
  master: RedisRig;
  replica: RedisRig;

  private constructor(port: number, redisPort: number, serverPorts: number[], master: RedisRig, replica: RedisRig) {
    this.url = `http://127.0.0.1:${port}`;
    this.#redisPort = redisPort;
    this.#dir = mkdtempSync(join(tmpdir(), 'heartline-cluster-'));
    this.#servers = serverPorts.map((at) => ({ port: at, child: null }));
    this.master = master;
    this.replica = replica;
    const list = (name: string, ports: number[]): string =>
      ports.map((at, i) => `  server ${name}${i} 127.0.0.1:${at}`).join('\n');
    const values: Record<string, string> = {
      PORT: String(port),
      REDIS_PORT: String(redisPort),
      SERVERS: list('s', serverPorts),
      REDIS: list('r', [master.port, replica.port]),
    };
    const text = readFileSync(CONFIG, 'utf8').replaceAll(/@([A-Z_]+)@/g, (whole, key: string) => values[key] ?? whole);
    writeFileSync(join(this.#dir, 'haproxy.cfg'), text);
  }

  static async start(processes = 3): Promise<Cluster> {
    const master = await RedisRig.start();
    const replica = await RedisRig.start();
    for (const rig of [master, replica]) await rig.command('CONFIG', 'SET', 'repl-diskless-sync-delay', '0');
    await replica.command('REPLICAOF', '127.0.0.1', String(master.port));
    const ports: number[] = [];
    for (let i = 0; i < processes; i++) ports.push(await freePort());
    const cluster = new Cluster(await freePort(), await freePort(), ports, master, replica);
    try {
      cluster.#haproxy = spawn(program('haproxy')!, ['-db', '-f', join(cluster.#dir, 'haproxy.cfg')], {
        stdio: 'ignore',
      });
      await cluster.replicated();
      await eventually('HAProxy to find the master', async () =>
        (await redisAt(cluster.#redisPort)).includes('master'),
      );
      await Promise.all(cluster.#servers.map((_, i) => cluster.startServer(i)));
      await eventually('HAProxy to find the servers', async () => (await status(`${cluster.url}/healthz`)) === 200);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  get size(): number {
    return this.#servers.length;
  }

  pid(i: number): number {
    return this.#servers[i]!.child!.pid!;
  }

  port(i: number): number {
    return this.#servers[i]!.port;
  }

  async startServer(i: number): Promise<void> {
    const server = this.#servers[i]!;
    const log = `redis://127.0.0.1:${this.#redisPort}`;
    const args = [CLI, 'serve', '--port', String(server.port), '--log', log, '--heartbeat', '1s', '--advice', '500ms'];
    for (let attempt = 1; ; attempt++) {
      const child = spawn(process.execPath, [...args, '--pre-stop', '600ms', '--json'], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      let said = '';
      let listening = false;
      child.stdout.on('data', (chunk: Buffer) => (listening ||= chunk.includes('"listening"')));
      child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2000)));
      server.child = child;
      await eventually(`server ${i} to listen`, () => listening || child.exitCode !== null, 180_000);
      if (child.exitCode === null) return;
      // as a supervisor would: the Redis may be changing hands just now
      if (attempt >= 10) throw new Error(`server ${i} ended with ${child.exitCode}: ${said}`);
      await pause(300);
    }
  }

  /** As a crash does. */
  async killServer(i: number): Promise<void> {
    await ended(this.#servers[i]!.child!, 'SIGKILL');
  }

  /** As a deployment does: it says that it leaves, drains, and another takes its place. */
  async deployServer(i: number): Promise<void> {
    await ended(this.#servers[i]!.child!, 'SIGTERM');
    await this.startServer(i);
  }

  async replicated(): Promise<void> {
    await eventually('the replica to be in step', async () =>
      /master_link_status:up/.test(await this.replica.command('INFO', 'replication')),
    );
  }

  /** The master dies with what the replica had not heard of for so long; the replica takes its place. */
  async failOver(unheardMs: number): Promise<void> {
    this.replica.signal('SIGSTOP');
    await pause(unheardMs);
    await this.master.kill();
    this.replica.signal('SIGCONT');
    await this.replica.command('REPLICAOF', 'NO', 'ONE');
    [this.master, this.replica] = [this.replica, this.master];
    await this.replica.run('--repl-diskless-sync-delay', '0', '--replicaof', '127.0.0.1', String(this.master.port));
    await this.replicated();
  }

  async stop(): Promise<void> {
    for (const { child } of this.#servers) if (child) await ended(child, 'SIGKILL');
    if (this.#haproxy) await ended(this.#haproxy, 'SIGKILL');
    await this.master.stop();
    await this.replica.stop();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill(signal);
  await gone;
}

const redisAt = (port: number): Promise<string> => RedisRig.commandAt(port, 'INFO', 'replication');

async function status(url: string): Promise<number> {
  try {
    const res = await fetch(url, { headers: { connection: 'close' } });
    await res.arrayBuffer();
    return res.status;
  } catch {
    return 0;
  }
}

const agent = new Agent({ keepAlive: false, maxSockets: Infinity });

/** Publishes without end, and remembers what was acknowledged. */
export class Publisher {
  /** Data by cursor. */
  readonly acknowledged = new Map<string, string>();
  readonly #url: string;
  readonly #key: string;
  #sent = 0;
  #stopped = false;
  #done: Promise<void> = Promise.resolve();
  refused = 0;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  start(everyMs: number): void {
    this.#done = (async () => {
      while (!this.#stopped) {
        await this.publish();
        await pause(everyMs);
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#done;
  }

  /** One event; with the same key again until it was taken. */
  async publish(): Promise<void> {
    const data = `${this.#key} ${++this.#sent}`;
    const headers = { 'Idempotency-Key': data, connection: 'close' };
    for (let attempt = 0; attempt < 100 && !(attempt > 0 && this.#stopped); attempt++) {
      try {
        const res = await fetch(this.#url, { method: 'POST', body: data, headers, signal: AbortSignal.timeout(8000) });
        const text = await res.text();
        if (res.ok) {
          const { cursor } = JSON.parse(text) as { cursor: string };
          this.acknowledged.set(cursor, data);
          return;
        }
      } catch {
        // a process died under it
      }
      this.refused++;
      await pause(50);
    }
  }
}

/** An EventSource that keeps count: what it was given, where it was told of a gap, and what was wrong. */
export class Follower {
  /** Anything that breaks the promise: a hole or a repeat within an epoch, another epoch without a gap, other data. */
  readonly wrong: string[] = [];
  readonly data = new Map<string, string>();
  cursor: string | null = null;
  gaps = 0;
  opened = 0;
  received = 0;
  readonly #url: string;
  readonly #random: Random;
  #announced = false;
  #stopped = false;
  #request: ClientRequest | null = null;
  #retryMs = 300;

  constructor(url: string, random: Random) {
    this.#url = url;
    this.#random = random;
  }

  start(): void {
    if (this.#stopped) return;
    const headers = { Accept: 'text/event-stream', ...(this.cursor === null ? {} : { 'Last-Event-ID': this.cursor }) };
    const again = (): void => {
      if (this.#request !== req) return;
      this.#request = null;
      setTimeout(() => this.start(), 20 + this.#random.next() * this.#retryMs);
    };
    const req = request(this.#url, { headers, agent }, (res) => {
      if (res.statusCode === 200) this.opened++;
      const parser = new SseParser();
      res.on('data', (chunk: Buffer) => {
        if (res.statusCode !== 200) return;
        for (const part of parser.feed(chunk)) this.#take(part);
      });
      res.on('error', again);
      res.on('close', again);
    });
    req.on('error', again);
    req.end();
    this.#request = req;
  }

  stop(): void {
    this.#stopped = true;
    this.#request?.destroy();
    this.#request = null;
  }

  #take(part: SsePart): void {
    if (part.part !== 'event') return;
    const { type, data } = part;
    const id = part.ownId ? part.lastEventId : undefined;
    if (type === 'hello') {
      // where it begins: the newest there was
      if (this.cursor === null) this.cursor = (JSON.parse(data) as { newest: string }).newest;
      return;
    }
    if (type === 'gap') {
      this.gaps++;
      this.#announced = true;
      this.cursor = id ?? this.cursor;
      return;
    }
    if (type === 'bye' || id === undefined) return;
    this.received++;
    const [epoch, seq] = id.split('.');
    const [before, last] = (this.cursor ?? '').split('.');
    if (epoch !== before) {
      if (!this.#announced) this.wrong.push(`${this.cursor} → ${id}: another epoch, and no gap`);
    } else if (Number(seq) !== Number(last) + 1) this.wrong.push(`${this.cursor} → ${id}`);
    const known = this.data.get(id);
    if (known !== undefined && known !== data) this.wrong.push(`${id} was "${known}" and is "${data}"`);
    this.data.set(id, data);
    this.#announced = false;
    this.cursor = id;
  }
}
