/** The command line as people and scripts meet it: its own process, its exit code, its two streams. */
import { once } from 'node:events';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import type { Observation } from '../../src/shared/observation.ts';
import { commandLine, type Running } from '../helpers/cli-process.ts';
import { freePort } from '../helpers/rigs.ts';

const command = commandLine<Observation>();
const { heartline } = command;
type Run = Running<Observation>;

const soon = { timeout: 60_000, interval: 20 };
const until = (what: () => unknown): Promise<unknown> => vi.waitFor(() => expect(what()).toBeTruthy(), soon);

async function serve(...args: string[]): Promise<{ url: string; server: Run }> {
  const server = heartline('serve', '--json', ...args);
  await until(() => server.out.includes('\n'));
  const first = JSON.parse(server.out.split('\n')[0]!) as { type: string; url: string };
  expect(first.type).toBe('listening');
  return { url: first.url, server };
}

describe('usage', () => {
  it('teaches', async () => {
    const help = heartline('--help');
    expect(await help.ended).toBe(0);
    for (const word of ['open', 'serve', 'watch', 'report', 'presets', 'Start here', 'Exit codes']) {
      expect(help.out).toContain(word);
    }
    const watch = heartline('watch', '--help');
    expect(await watch.ended).toBe(0);
    expect(watch.out).toContain('--dead-after');
    expect(watch.out).toContain('Examples');
    const version = heartline('--version');
    expect(await version.ended).toBe(0);
    expect(version.out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    ['compare', 'a', 'b'],
    ['report', 'x', '--format', 'csv'],
    ['report', 'x', '--format', 'html'],
    ['report', 'x', '--format', 'har'],
  ])('what is promised but not there yet says so: %s', async (...args) => {
    const run = heartline(...args);
    expect(await run.ended).toBe(2);
    expect(run.err).toContain('is not in this version');
    expect(run.out).toBe('');
  });

  it.each<[string, string[]]>([
    ['--method', ['watch', 'http://127.0.0.1:1/x', '--method', 'carrier-pigeon']],
    ['--method', ['watch', 'http://127.0.0.1:1/x']],
    ['--method', ['watch', '--method', 'sse']],
    ['URL', ['watch']],
    ['URL', ['watch', 'not a url', '--method', 'sse']],
    ['URL', ['watch', 'ftp://h/x', '--method', 'sse']],
    ['URL', ['watch', 'ws://h/x', '--method', 'sse']],
    ['--lane', ['watch', '--lane', 'sse']],
    ['--for', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--for', '10']],
    ['--events', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--events', 'many']],
    ['--header', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--header', 'nonsense']],
    ['--via', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--via', 'latancy:delay=1s']],
    ['--via', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--via', 'latency:delay=soon']],
    ['--dialect', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--dialect', 'nchann']],
    ['--dialect', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--dialect', './nowhere.json']],
    ['--time-scale', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--time-scale', '10']],
    ['--backoff', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--backoff', 'linear']],
    ['--after', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--after', 'a b']],
    ['--nonsense', ['watch', 'http://127.0.0.1:1/x', '--method', 'sse', '--nonsense']],
    ['--port', ['serve', '--port', '99999']],
    ['--workload', ['serve', '--workload', 'chaos']],
    ['--rate', ['serve', '--rate', 'fast']],
    ['--heartbeat', ['serve', '--heartbeat', '15']],
    ['--hold', ['serve', '--hold', '1h']],
    ['--log', ['serve', '--log', 'papyrus']],
    ['--cors', ['serve', '--cors', 'everyone']],
    ['--port', ['open', '--port', 'x']],
    ['--format', ['report', 'x', '--format', 'pdf']],
    ['RECORDING', ['report']],
    ['opne', ['opne']],
  ])('bad usage names %s, in one line on stderr, and exits 2', async (name, args) => {
    const run = heartline(...args);
    expect(await run.ended).toBe(2);
    expect(run.err).toContain(name);
    expect(run.err).not.toMatch(/\n\s+at /);
    expect(run.out).toBe('');
  });
});

describe('serve and watch', () => {
  it('four methods follow one channel; stdout is JSON lines and nothing else, the summary last', async () => {
    const { url, server } = await serve('--workload', 'custom', '--rate', '20/s');
    const run = heartline('watch', url, '--channel', 'demo', '--events', '30', '--json', '--poll', '200ms');
    expect(await run.ended).toBe(0);
    const lines = run.lines();
    expect(lines[0]).toMatchObject({ v: 1, n: 1, type: 'run', timeScale: 1 });
    expect(lines.map((o) => o.n)).toEqual(lines.map((_, i) => i + 1));
    for (const o of lines) {
      expect(o.v).toBe(1);
      expect(Number.isInteger(o.at)).toBe(true);
      expect(o.lane === null || METHODS.includes(o.lane as never)).toBe(true);
    }
    const last = lines.at(-1)!;
    if (last.type !== 'summary') throw new Error(`the last record is ${last.type}`);
    expect(Object.keys(last.lanes).sort()).toEqual([...METHODS].sort());
    for (const lane of Object.values(last.lanes)) {
      expect(lane.unique).toBeGreaterThanOrEqual(30);
      expect(lane).toMatchObject({ missed: 0, duplicates: 0, drops: 0 });
      expect(lane.latency).not.toBeNull();
    }
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(0);
    expect(server.lines().some((o) => o.type === 'publish')).toBe(true);
    expect(server.lines().some((o) => o.type === 'server')).toBe(true);
  });

  it('people get lines and a table; Ctrl-C ends it politely, with the summary', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '20/s');
    const run = heartline('watch', `${url}/events/demo`, '--method', 'sse');
    await until(() => / event +message.* after /.test(run.out));
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(run.out).toContain('Watching');
    expect(run.out).toMatch(/latency p50 +\d+ ms/);
    expect(run.out).not.toContain('\x1b[');
  });

  it('through a path that hangs up, each drop tells its cause, and nothing is missed', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '20/s');
    const run = heartline(
      'watch',
      `${url}/events/demo`,
      '--method',
      'websocket',
      '--via',
      'close-after:time=1s',
      '--for',
      '4s',
      '--json',
    );
    expect(await run.ended).toBe(0);
    const drops = run.lines().filter((o) => o.type === 'drop');
    expect(drops.length).toBeGreaterThan(0);
    expect(drops[0]).toMatchObject({ evidence: 'fin', cause: 'close-after', by: 'path' });
    expect(run.lines().at(-1)).toMatchObject({ lanes: { websocket: { missed: 0, duplicates: 0 } } });
  });

  it('what cannot be reached is named with its evidence, exit 3, summary all the same', async () => {
    const port = await freePort();
    const run = heartline('watch', `http://127.0.0.1:${port}/x`, '--method', 'sse', '--for', '2s', '--json');
    expect(await run.ended).toBe(3);
    expect(run.err).toContain(`http://127.0.0.1:${port}/x`);
    expect(run.err).toContain('refused');
    expect(run.lines().at(-1)).toMatchObject({ type: 'summary', lanes: { sse: { received: null, missed: null } } });
  });

  it('a second Ctrl-C ends at once', async () => {
    const { url, server } = await serve();
    // a WebSocket that never answers a close keeps a polite end waiting
    const stubborn = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
    stubborn.on('error', () => undefined);
    stubborn.write(
      'GET /events/demo HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    await once(stubborn, 'data');
    server.child.kill('SIGINT');
    await until(() => server.err.includes('Ends: SIGINT'));
    server.child.kill('SIGINT');
    expect(await server.ended).toBe(130);
    stubborn.destroy();
  });

  it('ends when nobody reads stdout any more', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '50/s');
    const run = heartline('watch', `${url}/events/demo`, '--method', 'sse', '--json');
    await until(() => run.out.includes('"event"'));
    run.child.stdout!.destroy();
    expect(await run.ended).toBe(0);
    expect(run.err).not.toContain('EPIPE');
  });

  it('writes no secrets to stdout', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '20/s');
    const run = heartline(
      'watch',
      `${url}/events/demo?token=hunter2`,
      '--method',
      'sse',
      '--header',
      'Authorization: Bearer hunter2',
      '--events',
      '3',
      '--json',
    );
    expect(await run.ended).toBe(0);
    expect(run.out + run.err).not.toContain('hunter2');
  });

  it('a port that is taken is exit 3, and named', async () => {
    const { url } = await serve();
    const run = heartline('serve', '--port', new URL(url).port);
    expect(await run.ended).toBe(3);
    expect(run.err).toContain('--port');
    expect(run.err).toContain('in use');
  });
});

describe('recordings', () => {
  it('a run is recorded and reported, the same figures as were told', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '20/s');
    const file = join(command.dir, 'run.heartline.gz');
    const run = heartline(
      'watch',
      `${url}/events/demo`,
      '--method',
      'sse',
      '--events',
      '20',
      '--record',
      file,
      '--json',
    );
    expect(await run.ended).toBe(0);
    const json = heartline('report', file, '--format', 'json');
    expect(await json.ended).toBe(0);
    const reported = run.lines().at(-1)!;
    expect(JSON.parse(json.out)).toMatchObject({ type: 'summary', lanes: (reported as { lanes: object }).lanes });
    const text = heartline('report', file, '--out', join(command.dir, 'report.txt'));
    expect(await text.ended).toBe(0);
    expect(readFileSync(join(command.dir, 'report.txt'), 'utf8')).toMatch(/events, new +[2-9]\d/);
  });

  it('survives being killed: all but the last second can be read, and the report says that it was cut off', async () => {
    const { url } = await serve('--workload', 'custom', '--rate', '50/s');
    const file = join(command.dir, 'killed.heartline');
    const run = heartline('watch', `${url}/events/demo`, '--method', 'sse', '--record', file, '--json');
    await until(() => run.lines().filter((o) => o.type === 'event').length >= 250);
    run.child.kill('SIGKILL');
    await run.ended;
    const reported = run.lines();
    const recorded = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    const lastAt = (JSON.parse(recorded.at(-1)!) as Observation).at;
    expect(reported.at(-1)!.at - lastAt).toBeLessThan(3000); // a second, and what a busy machine needs to write it
    const report = heartline('report', file);
    expect(await report.ended).toBe(0);
    expect(report.out).toContain('cut off');
    expect(report.out).toMatch(/events, new +\d+/);
  });

  it('an earlier recording is never overwritten, and a file that cannot be written is named', async () => {
    const { url } = await serve();
    const file = join(command.dir, 'precious.heartline');
    writeFileSync(file, 'precious');
    const args = ['watch', `${url}/events/demo`, '--method', 'sse', '--for', '1s', '--record'];
    const over = heartline(...args, file);
    expect(await over.ended).toBe(2);
    expect(over.err).toContain('--record');
    expect(statSync(file).size).toBe(8);
    const nowhere = heartline(...args, join(command.dir, 'no/such/folder.heartline'));
    expect(await nowhere.ended).toBe(3);
    expect(nowhere.err).toContain('--record');
  });

  it.each<[string, string | null, string]>([
    ['is not there', null, 'nothing.heartline'],
    ['is no recording', 'hello\nworld\n', 'line 1'],
    ['is empty', '', 'nothing in this recording'],
  ])('a file that %s is named, exit 3', async (_, content, says) => {
    const file = join(command.dir, content === null ? 'nothing.heartline' : 'bad.heartline');
    if (content !== null) writeFileSync(file, content);
    expect(existsSync(file)).toBe(content !== null);
    const run = heartline('report', file);
    expect(await run.ended).toBe(3);
    expect(run.err).toContain(file);
    expect(run.err).toContain(says);
  });
});

describe('open', () => {
  it('prints the address that lets a browser in, and ends politely', async () => {
    const run = heartline('open', '--no-open', '--record', join(command.dir, 'open.heartline'));
    await until(() => /token=\S+/.test(run.out));
    const url = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/.exec(run.out)![0];
    const answer = await fetch(url, { redirect: 'manual' });
    expect(answer.status).toBe(303);
    await until(
      () => existsSync(join(command.dir, 'open.heartline')) && statSync(join(command.dir, 'open.heartline')).size > 0,
    );
    run.child.kill('SIGTERM');
    expect(await run.ended).toBe(0);
    expect(run.out).toMatch(/events, new/);
    const report = heartline('report', join(command.dir, 'open.heartline'));
    expect(await report.ended).toBe(0);
    expect(report.out).toContain('Embedded server');
  });
});

describe('presets', () => {
  it('lists every named path with its source, for people and for programs', async () => {
    const json = heartline('presets', '--json');
    expect(await json.ended).toBe(0);
    const presets = json.lines() as unknown as { id: string; source: string; what: string }[];
    expect(presets.map((p) => p.id)).toContain('direct');
    for (const preset of presets) expect(preset.source && preset.what).toBeTruthy();
    const text = heartline('presets');
    expect(await text.ended).toBe(0);
    for (const { id } of presets) expect(text.out).toContain(id);
    expect(presets.find((p) => p.id === 'aws-alb')).toMatchObject({
      timerOffsetMs: null,
      assumed: ['sse', 'websocket'],
    });
    expect(text.out).toMatch(/AWS ALB[^]*?Timer against its limit: unknown[^]*?Assumed: how it ends SSE and WebSocket/);
    expect(text.out).toMatch(/HTTP\/2 clients: a cut stream ends with END_STREAM/);
  });

  it('shows those that are asked for, and knows what was meant', async () => {
    const some = heartline('presets', '--json', 'caddy', 'alb');
    expect(await some.ended).toBe(0);
    const ids = (some.lines() as unknown as { id: string }[]).map((p) => p.id);
    expect(ids).toEqual(expect.arrayContaining(['caddy', 'caddy-read-timeout', 'aws-alb']));
    expect(ids).not.toContain('haproxy');
    const typo = heartline('presets', 'ngnix');
    expect(await typo.ended).toBe(2);
    expect(typo.err).toContain('ngnix: No path is called so. Did you mean nginx?');
  });
});

it('sends no beat at all when the heartbeat is off, and holds a poll as ever', async () => {
  const server = heartline('serve', '--json', '--heartbeat', 'off', '--hold', '1s');
  await until(() => server.out.includes('\n'));
  const { url } = JSON.parse(server.out.split('\n')[0]!) as { url: string };
  const stream = await fetch(`${url}/events/demo`, { headers: { accept: 'text/event-stream' } });
  const asked = performance.now();
  const held = await fetch(`${url}/events/demo?after=now&wait`);
  expect(held.status).toBe(204);
  expect(performance.now() - asked).toBeGreaterThan(500);
  server.child.kill('SIGINT'); // the stream says goodbye and ends
  const text = await stream.text();
  expect(text).toContain('"heartbeatMs":null');
  expect(text).not.toContain(': hb');
});
