import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.mjs';
import { makeCli } from '../../scripts/package/cli.mjs';

// What a person does with the package from npm, in an empty folder: no checkout, no Electron, no script of this project.
describe('the command line from npm', () => {
  const root = process.cwd();
  let dir: string;
  let tarball: string;
  const started: ChildProcess[] = [];
  // npm's own variables of this very run would reach the program as if it were one of our scripts
  const env = (): NodeJS.ProcessEnv => ({
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))),
    PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
    HEARTLINE_DATA_DIR: join(dir, 'data'),
  });
  const run = (command: string, args: string[]): { status: number | null; stdout: string; stderr: string } => {
    const { status, stdout, stderr } = spawnSync(command, args, { cwd: dir, env: env(), encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  /** Starts it and waits for a line of its output. */
  const start = async (args: string[], wanted: RegExp): Promise<{ child: ChildProcess; line: string }> => {
    const child = spawn('npx', ['--no-install', 'heartline', ...args], { cwd: dir, env: env(), detached: true });
    started.push(child);
    for await (const line of createInterface({ input: child.stdout })) {
      if (!wanted.test(line)) continue;
      child.stdout.resume(); // the rest is of no use, and must not fill the pipe
      return { child, line };
    }
    throw new Error(`heartline ${args.join(' ')} ended before it said ${wanted}`);
  };
  /** Its whole group: npx stands between. */
  const end = (child: ChildProcess): void => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGTERM');
  };

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'heartline-npm-'));
    expect(await ensureBuilt()).toMatchObject({ ok: true });
    tarball = makeCli({ root, out: mkdtempSync(join(dir, 'pack-')) }).file;
    const installed = run('npm', ['install', '--offline', '--no-audit', '--no-fund', tarball]);
    expect(installed, installed.stderr).toMatchObject({ status: 0 });
  });
  afterAll(async () => {
    for (const child of started) {
      end(child);
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  });

  it('brings nothing else, takes at most 15 MB, and is read on the page of npm', () => {
    const home = join(dir, 'node_modules');
    expect(readdirSync(home).filter((name) => !name.startsWith('.'))).toEqual(['heartline']);
    const files = readdirSync(join(home, 'heartline'), { recursive: true }).map(String);
    const size = files.reduce((sum, file) => sum + lstatSync(join(home, 'heartline', file)).size, 0);
    expect(size).toBeLessThan(15e6);
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'out/renderer/index.html']));
    expect(files.filter((file) => /\.map$|preload|out\/main\/index\.js/.test(file))).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(home, 'heartline/package.json'), 'utf8'));
    expect(manifest.engines.node).toBe('>=22.18.0');
    expect([manifest.private, manifest.dependencies, manifest.scripts]).toEqual([undefined, undefined, undefined]);
  });

  it('says its version', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(run('npx', ['--no-install', 'heartline', '--version'])).toEqual({
      status: 0,
      stdout: `${version}\n`,
      stderr: '',
    });
  });

  it('serves, and watches what it serves', async () => {
    const { child, line } = await start(['serve', '--port', '0', '--workload', 'ticks', '--json'], /"listening"/);
    const { url } = JSON.parse(line);
    const args = ['watch', url, '--channel', 'demo', '--method', 'sse', '--events', '3', '--for', '30s', '--json'];
    const { status, stdout, stderr } = run('npx', ['--no-install', 'heartline', ...args]);
    expect(status, stderr).toBe(0);
    const summary = JSON.parse(stdout.trimEnd().split('\n').at(-1)!);
    expect(summary).toMatchObject({ type: 'summary', lanes: { sse: { unique: 3, missed: 0 } } });
    end(child);
  });

  it('opens the dashboard, whose page it carries', async () => {
    const { child, line } = await start(['open', '--no-open'], /Heartline is at/);
    const url = /http:\S+/.exec(line)![0];
    const first = await fetch(url, { redirect: 'manual' });
    const cookie = first.headers.get('set-cookie')!.split(';')[0]!;
    const page = await fetch(new URL('/', url), { headers: { cookie } });
    expect(await page.text()).toContain('<div id="app">');
    end(child);
  });

  it.runIf(oldNode())('tells an old Node what it needs', () => {
    const said = spawnSync(oldNode()!, ['node_modules/heartline/bin/heartline.js', '--version'], {
      cwd: dir,
      encoding: 'utf8',
    });
    expect(said.status).toBe(3);
    expect(said.stderr).toMatch(/needs Node 22\.18 or newer, and this is Node \d+/);
  });
});

/** A Node of the machine that is too old for the command line, or null. */
function oldNode(): string | null {
  for (const file of ['/usr/bin/node', '/usr/local/bin/node']) {
    const said = spawnSync(file, ['--version'], { encoding: 'utf8' });
    if (said.status === 0 && Number(/^v(\d+)/.exec(said.stdout)?.[1]) < 22) return file;
  }
  return null;
}
