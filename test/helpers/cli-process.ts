import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll } from 'vitest';

export const CLI = join(import.meta.dirname, '../../src/cli/index.ts');

/** A command that runs, and all it has said so far. */
export interface Running<Line> {
  child: ChildProcess;
  out: string;
  err: string;
  /** Exit code, or the signal it died of. */
  ended: Promise<number | string>;
  /** Its JSON lines. What has no line end yet is no line: a pipe breaks where it likes, and so does a kill. */
  lines(): Line[];
}

/**
 * The command line in processes of its own, with a data folder of its own. What still runs after a test is killed.
 * @param command what every call begins with
 */
export function commandLine<Line>(...command: string[]) {
  const children = new Set<ChildProcess>();
  let dir = '';
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'heartline-cli-'));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  afterEach(async () => {
    for (const child of children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    children.clear();
  });
  return {
    /** A folder for the tests of this file. */
    get dir(): string {
      return dir;
    },
    heartline(...args: string[]): Running<Line> {
      const child = spawn(process.execPath, [CLI, ...command, ...args], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          HEARTLINE_DATA_DIR: dir,
          DISPLAY: '',
          WAYLAND_DISPLAY: '',
          FORCE_COLOR: '',
          NODE_OPTIONS: '',
        },
      });
      children.add(child);
      const running: Running<Line> = {
        child,
        out: '',
        err: '',
        ended: once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string),
        lines: () =>
          running.out
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line) as Line),
      };
      child.stdout.setEncoding('utf8').on('data', (d: string) => (running.out += d));
      child.stderr.setEncoding('utf8').on('data', (d: string) => (running.err += d));
      return running;
    },
  };
}
