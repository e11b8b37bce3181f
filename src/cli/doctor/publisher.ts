import { spawn } from 'node:child_process';
import type { Publish } from '../../engine/doctor/options.ts';

const WITHIN_MS = 5000;

/** `--publish URL` POSTs the message as a short text; anything else is a command that gets it on stdin. */
export function publisher(target: string, headers: Record<string, string>): Publish {
  return /^https?:\/\//i.test(target) ? (message) => post(target, headers, message) : (message) => run(target, message);
}

async function post(url: string, headers: Record<string, string>, message: string): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body: message,
    redirect: 'manual',
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`the publish was answered with ${answer.status}`);
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
