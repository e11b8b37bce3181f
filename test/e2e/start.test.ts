import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

// The commands as a newcomer types them, on a machine with and without Electron.
let dir: string;
const children: ChildProcess[] = [];
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-start-'))));
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      process.kill(-child.pid!, 'SIGKILL'); // with whatever it has started
      await once(child, 'exit');
    }
  }
  rmSync(dir, { recursive: true, force: true });
});

interface Running {
  child: ChildProcess;
  out(): string;
  err(): string;
  /** Waits for a line on stdout. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  end: Promise<{ code: number | null; out: string; err: string }>;
}

function run(
  args: string[],
  { env = {}, node = process.execPath }: { env?: Record<string, string | undefined>; node?: string } = {},
): Running {
  const child = spawn(node, args, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      DISPLAY: undefined,
      WAYLAND_DISPLAY: undefined,
      ELECTRON_OVERRIDE_DIST_PATH: undefined,
      ...env,
    },
  });
  children.push(child);
  let out = '';
  let err = '';
  const end = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  const line = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(out);
        if (match) resolve(match);
      };
      child.stdout!.on('data', look);
      void end.then(({ code }) => reject(new Error(`ended (${code}) without ${pattern}: ${out}${err}`)));
      look();
    });
  child.stdout!.on('data', (data) => (out += data));
  child.stderr!.on('data', (data) => (err += data));
  return { child, out: () => out, err: () => err, line, end };
}

/** A folder as Electron's own, with a program of ours in it. Node's, as a shell cannot hear a SIGINT that was ignored before it. */
function electronThat(script: string): string {
  writeFileSync(join(dir, 'electron'), `#!${process.execPath}\n${script}\n`);
  chmodSync(join(dir, 'electron'), 0o755);
  return dir;
}

const ADDRESS = /http:\/\/127\.0\.0\.1:(\d+)\/\?token=\S+/;

describe.skipIf(process.platform !== 'linux')('npm start', () => {
  it('opens Electron where its binary is, and ends as it ends', async () => {
    const dist = electronThat(`console.log('electron got', ...process.argv.slice(2))`);
    const { code, out } = await run(['scripts/start.mjs'], { env: { ELECTRON_OVERRIDE_DIST_PATH: dist } }).end;
    expect(out).toContain('Opening Heartline in Electron');
    expect(out).toMatch(new RegExp(`electron got (--no-sandbox )?${process.cwd()}`));
    expect(out).not.toMatch(ADDRESS);
    expect(code).toBe(0);
  });

  it('passes Ctrl-C on to Electron', async () => {
    const dist = electronThat(`
      process.on('SIGINT', () => { console.log('polite'); process.exit(0); });
      setInterval(() => {}, 1000);
      console.log('up');
    `);
    const start = run(['scripts/start.mjs'], { env: { ELECTRON_OVERRIDE_DIST_PATH: dist } });
    await start.line(/^up$/m);
    start.child.kill('SIGINT');
    expect(await start.end).toMatchObject({ code: 0, out: expect.stringContaining('polite') });
  });

  it.each([
    ['the machine has no display', {}, 'this machine has no display'],
    [
      'the named folder has no Electron',
      { ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent', DISPLAY: ':77' },
      'ELECTRON_OVERRIDE_DIST_PATH has no electron',
    ],
    ['its binary cannot be fetched', { DISPLAY: ':77', ELECTRON_MIRROR: 'http://127.0.0.1:9/' }, 'cannot be reached'],
  ])('serves a browser when %s, and says so', async (_, env, why) => {
    const start = run(['scripts/start.mjs', '--no-open'], { env });
    const [address] = await start.line(ADDRESS);
    expect(start.out()).toContain('Electron is not used:');
    expect(start.out()).toContain(why);
    expect((await fetch(new URL(address).origin)).status).toBe(403);
    const opened = await fetch(address, { redirect: 'manual' });
    expect(opened.status).toBe(303);
    start.child.kill('SIGINT');
    expect((await start.end).code).toBe(0);
  });

  it('serves a browser when Electron does not come up', async () => {
    const dist = electronThat(`console.error('error while loading shared libraries: libnss3.so'); process.exit(127)`);
    const start = run(['scripts/start.mjs', '--no-open'], { env: { ELECTRON_OVERRIDE_DIST_PATH: dist } });
    await start.line(ADDRESS);
    expect(start.out()).toContain('it ended at once (exit code 127)');
    start.child.kill('SIGTERM');
    expect((await start.end).code).toBe(0);
  });

  it('serves a browser when Electron shows no window within 10 s, and says so', async () => {
    const dist = electronThat(`setInterval(() => {}, 1000);`);
    const start = run(['scripts/start.mjs', '--no-open'], { env: { ELECTRON_OVERRIDE_DIST_PATH: dist } });
    await start.line(ADDRESS);
    expect(start.out()).toContain('it showed no window within 10 s');
    start.child.kill('SIGTERM');
    expect((await start.end).code).toBe(0);
  });

  it('serves a browser when the display goes from under Electron, and goes on recording beside', async () => {
    const file = join(dir, 'run.heartline');
    writeFileSync(file, 'what Electron had recorded');
    const dist = electronThat(`console.log('Heartline is open.'); process.exitCode = 1;`);
    const start = run(['scripts/start.mjs', '--record', file], {
      env: { ELECTRON_OVERRIDE_DIST_PATH: dist, DISPLAY: ':9871' },
    });
    await start.line(ADDRESS);
    expect(start.out()).toContain('its display has gone');
    start.child.kill('SIGTERM');
    expect((await start.end).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe('what Electron had recorded');
    expect(readFileSync(join(dir, 'run-2.heartline'), 'utf8')).toContain('"type":"run"');
  });

  it('takes the port it is given', async () => {
    const first = run(['scripts/start.mjs', '--no-open', '--port', '0']);
    const port = (await first.line(ADDRESS))[1]!;
    const second = await run(['scripts/start.mjs', '--no-open', '--port', port]).end;
    expect(second.code).toBe(3);
    expect(second.err).toContain(port);
    first.child.kill('SIGINT');
    expect((await first.end).code).toBe(0);
  });
});

describe('npm run -s heartline', () => {
  it('is the command line, with nothing else on stdout', async () => {
    const { code, out } = await run(['scripts/heartline.mjs', 'presets', '--json']).end;
    expect(code).toBe(0);
    for (const line of out.trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });

  it('passes the exit code through', async () => {
    const { code, out, err } = await run(['scripts/heartline.mjs', 'serve', '--nonsense']).end;
    expect(code).toBe(2);
    expect(err).toContain('--nonsense');
    expect(out).toBe('');
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends politely on %s', async (signal) => {
    const serve = run(['scripts/heartline.mjs', 'serve', '--json']);
    await serve.line(/"type":"listening"/);
    serve.child.kill(signal);
    expect((await serve.end).code).toBe(0);
  });

  it.skipIf(process.platform === 'win32')('ends politely when the shell npm put before it is ended', async () => {
    const shell = run(['-c', `"${process.execPath}" scripts/heartline.mjs serve --json; true`], {
      node: '/bin/sh',
      env: { npm_lifecycle_event: 'heartline' },
    });
    const [, url] = await shell.line(/"url":"([^"]+)"/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    shell.child.kill('SIGTERM');
    await shell.end; // its output is closed only when the program has ended, too
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });

  const old = '/usr/bin/node';
  const isOld = existsSync(old) && process.execPath !== old;
  it.skipIf(!isOld)('runs under the Node that npm ci brought, whatever `node` is', async () => {
    const { code, out } = await run(['scripts/heartline.mjs', '--version'], { node: old }).end;
    expect(code).toBe(0);
    expect(out.trim()).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
