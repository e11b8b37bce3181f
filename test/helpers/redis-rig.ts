/** A real redis-server on a free loopback port, with its files in a temporary directory. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, program } from './rigs.ts';

export const redisMissing = (): string | null =>
  program('redis-server') ? null : 'no redis-server (apt-get install redis-server)';

export class RedisRig {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #dir: string;
  #child: ChildProcess | null = null;
  readonly #endWithUs = (): void => void this.#child?.kill('SIGKILL');

  private constructor(port: number, args: readonly string[]) {
    this.port = port;
    this.#args = args;
    this.#dir = mkdtempSync(join(tmpdir(), 'heartline-redis-'));
    process.once('exit', this.#endWithUs);
  }

  /** @param args further settings, as on its command line: `--requirepass x` */
  static async start(...args: string[]): Promise<RedisRig> {
    const reason = redisMissing();
    if (reason) throw new Error(reason);
    const rig = new RedisRig(await freePort(), args);
    await rig.run();
    return rig;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  url(prefix = 'heartline'): string {
    return `redis://127.0.0.1:${this.port}?prefix=${prefix}`;
  }

  /** Starts it (again); what it had written to its append-only file is there. */
  async run(...more: string[]): Promise<void> {
    const fixed = [
      '--port',
      String(this.port),
      '--bind',
      '127.0.0.1',
      '--dir',
      this.#dir,
      '--save',
      '',
      '--daemonize',
      'no',
    ];
    const child = spawn(program('redis-server')!, [...fixed, ...this.#args, ...more], { stdio: 'ignore' });
    this.#child = child;
    const until = performance.now() + 30_000;
    while (performance.now() < until && child.exitCode === null) {
      if (await this.#answers()) return;
      await new Promise((r) => setTimeout(r, 20));
    }
    throw new Error('redis-server did not start');
  }

  command(...words: string[]): Promise<string> {
    return RedisRig.commandAt(this.port, ...words);
  }

  /** One command, as words; the reply as it stands on the wire. Never throws: an error is a reply. */
  static commandAt(port: number, ...words: string[]): Promise<string> {
    return new Promise((resolve) => {
      let text = '';
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`*${words.length}\r\n${words.map((w) => `$${Buffer.byteLength(w)}\r\n${w}\r\n`).join('')}`);
        socket.write('*1\r\n$4\r\nQUIT\r\n');
      });
      socket.on('data', (chunk) => (text += chunk.toString()));
      socket.on('error', (error) => resolve(error.message));
      socket.on('close', () => resolve(text.replace(/\+OK\r\n$/, '')));
    });
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child!.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await gone;
  }

  async stop(): Promise<void> {
    process.off('exit', this.#endWithUs);
    await this.kill();
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #answers(): Promise<boolean> {
    return /PONG|NOAUTH/.test(await this.command('PING'));
  }
}
