import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../../shared/clock.ts';
import type { MintedToken } from './token-source.ts';
import { noToken, tokenAnswer } from './token-answer.ts';

/** How long a command may take to print its first line. */
const COMMAND_LIMIT_MS = 10_000;
/** A command that has printed its line may still say by its exit code that it failed. */
const EXIT_GRACE_MS = 250;
const MAX_OUTPUT = 64 * 1024;
const HINT = 'Run it by hand: it is to print a token, or {"token","expiresAt"}, on its first line.';

/**
 * Runs a command of the user's and takes the token from its first line.
 * @param endpoint what it is told in HEARTLINE_ENDPOINT
 * @param o.signal ends it
 * @throws Failure `no-token`, with what the command said on stderr
 */
export function tokenFromCommand(
  command: string,
  endpoint: string,
  o: { clock: Clock; signal: AbortSignal; limitMs?: number },
): Promise<MintedToken> {
  const { clock, signal, limitMs = COMMAND_LIMIT_MS } = o;
  return new Promise((resolve, reject) => {
    const posix = process.platform !== 'win32';
    const child = spawn(command, {
      shell: true,
      env: { ...process.env, HEARTLINE_ENDPOINT: endpoint },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: posix, // so that what a shell has started can be ended with it
      windowsHide: true,
    });
    let [out, err] = ['', ''];
    let over = false;
    const finish = (work: () => MintedToken): void => {
      if (over) return;
      over = true;
      cancel();
      signal.removeEventListener('abort', onAbort);
      try {
        resolve(work());
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    };
    const onAbort = (): void => {
      endProcess(child, posix);
      finish(() => {
        throw noToken('The token command was ended with the run.');
      });
    };
    signal.addEventListener('abort', onAbort, { once: true });
    const cancel = clock.after(limitMs, () => {
      endProcess(child, posix);
      finish(() => {
        if (out.includes('\n')) return tokenAnswer(firstLine(out), 'The token command', clock.unixTime());
        throw noToken(`The token command printed no line within ${limitMs / 1000} s, and was ended${said(err)}.`, HINT);
      });
    });
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (over || out.length > MAX_OUTPUT) return;
      const hadLine = out.includes('\n');
      out += text;
      if (hadLine || !out.includes('\n')) return;
      clock.after(EXIT_GRACE_MS, () =>
        finish(() => tokenAnswer(firstLine(out), 'The token command', clock.unixTime())),
      );
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (err.length < MAX_OUTPUT) err += text;
    });
    child.on('error', (error) =>
      finish(() => {
        throw noToken(`The token command cannot be run: ${error.message}.`, HINT);
      }),
    );
    child.on('close', (code, signal) =>
      finish(() => {
        if (code === 0) return tokenAnswer(firstLine(out), 'The token command', clock.unixTime());
        const how = code === null ? `was ended by ${signal ?? 'a signal'}` : `ended with exit code ${code}`;
        throw noToken(`The token command ${how}${said(err)}.`, HINT);
      }),
    );
  });
}

const firstLine = (text: string): string => text.trimStart().split(/\r?\n/, 1)[0] ?? '';

// eslint-disable-next-line no-control-regex -- whatever it wrote stays one line
const CONTROLS = /[\x00-\x1f\x7f]+/g;

/** The last line it wrote for people. */
function said(stderr: string): string {
  const line = stderr.trim().split(/\r?\n/).at(-1) ?? '';
  const shown = line.replaceAll(CONTROLS, ' ').trim().slice(0, 200).replace(/\.$/, '');
  return shown === '' ? '' : `: ${shown}`;
}

function endProcess(child: ChildProcess, group: boolean): void {
  try {
    if (group && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    else child.kill('SIGKILL');
  } catch {
    // it has ended by itself
  }
}
