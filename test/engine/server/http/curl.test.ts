/** The doors as one tries them first: with curl. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { startServer, until } from '../rig.ts';

const run = promisify(execFile);
const curl = async (...args: string[]): Promise<string> => (await run('curl', ['-sS', '-m', '20', ...args])).stdout;
const there = (() => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    console.log('skipped: curl is not installed');
    return false;
  }
})();

describe.skipIf(!there)('curl', () => {
  it('publishes and polls', async () => {
    const rig = await startServer();
    expect(JSON.parse(await curl('-d', 'hello', `${rig.url}/events/a`))).toMatchObject({ duplicate: false });
    const polled = await curl('-i', `${rig.url}/events/a`);
    expect(polled).toContain('"data":"hello"');
    const tag = /^etag: (.*)\r$/im.exec(polled)![1]!;
    const code = ['-o', '/dev/null', '-w', '%{http_code}'];
    expect(await curl(...code, '-H', `If-None-Match: ${tag}`, `${rig.url}/events/a`)).toBe('304');
    expect(await curl(...code, `${rig.url}/events/a?after=now&wait=0.2`)).toBe('204');
  });

  it('holds', async () => {
    const rig = await startServer();
    const held = curl('-H', 'Prefer: wait=10', `${rig.url}/events/a?after=now`);
    await until(() => rig.server.counters('a').held === 1);
    rig.fill(1);
    expect(JSON.parse(await held).events).toHaveLength(1);
  });

  it('streams, until the channel ends', async () => {
    const rig = await startServer();
    const stream = curl('-N', '-H', 'Accept: text/event-stream', `${rig.url}/events/a`);
    await until(() => rig.server.counters('a').streams === 1);
    rig.fill(2);
    void rig.server.end('a');
    const text = await stream;
    expect(text).toContain(`id: ${rig.cursor(2)}\nevent: n\n`);
    expect(text).toContain('event: end\n');
  });

  it('publishes 10 MB in vain, and is told so', async () => {
    const rig = await startServer();
    const body = 'x'.repeat(10 * 1024 * 1024);
    for (const expectHeader of ['Expect: 100-continue', 'Expect:']) {
      const child = run('curl', [
        '-sS',
        '-m',
        '20',
        '-i',
        '-H',
        expectHeader,
        '--data-binary',
        '@-',
        `${rig.url}/events/a`,
      ]);
      child.child.stdin!.on('error', () => {});
      child.child.stdin!.end(body);
      expect((await child).stdout).toContain('413');
    }
  });
});
