import { spawn } from 'node:child_process';
import type { Publish } from '../../engine/doctor/options.ts';
import { publishToUrl } from '../../engine/doctor/publish-to-url.ts';

const WITHIN_MS = 5000;

/** `--publish URL` POSTs the message as a short text; anything else is a command that gets it on stdin. */
export function publisher(target: string, headers: Record<string, string>): Publish {
  return /^https?:\/\//i.test(target) ? publishToUrl(target, headers) : (message) => run(target, message);
}

function run(command: string, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { shell: true, stdio: ['pipe', 'ignore', 'pipe'], timeout: WITHIN_MS });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(0, 300)));
    child.on('error', reject);
    child.stdin.on('error', () => undefined); // a command need not read
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`the command ended with ${code ?? 'a signal'}${said === '' ? '' : `: ${said.trim()}`}`));
    });
    child.stdin.end(`${message}\n`);
  });
}
