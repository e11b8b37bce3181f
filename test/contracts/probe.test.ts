/** Every probe against a server that has the fault, one that has not, and one that cannot tell. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Doctor } from '../../src/engine/doctor/doctor.ts';
import type { DoctorOptions } from '../../src/engine/doctor/options.ts';
import type { Method } from '../../src/shared/catalog.ts';
import { DOCTOR_CODES, type DoctorCode } from '../../src/shared/doctor/codes.ts';
import type { DoctorReport, Verdict } from '../../src/shared/doctor/report.ts';
import { seeded } from '../../src/shared/random.ts';
import { plantedServer, type PlantedServer } from '../helpers/planted-servers.ts';
import { steadyClock } from '../helpers/steady-clock.ts';

const clock = steadyClock();
let server: PlantedServer;
beforeAll(async () => {
  server = await plantedServer(clock);
});
afterAll(() => server.close());

async function examine(path: string, method: Method, more: Partial<DoctorOptions> = {}): Promise<DoctorReport> {
  const doctor = new Doctor({
    url: `${method === 'websocket' ? server.url.replace('http', 'ws') : server.url}${path}`,
    methods: [method],
    dialect: null,
    headers: {},
    body: null,
    path: [],
    quietUpToMs: 90_000,
    forMs: 9000,
    publish: null,
    allow: [],
    only: null,
    clock,
    random: seeded(7),
    ...more,
  });
  const { report } = await doctor.run();
  expect(report.spent.requests).toBeLessThanOrEqual(report.budget.requests);
  expect(report.spent.connections).toBeLessThanOrEqual(report.budget.connections);
  return report;
}

type Expected = { verdict: Verdict; kind?: string; value?: [least: number, most: number] } | 'unknown' | 'not asked';

interface Case {
  path: string;
  method: Method;
  /** What is planted, and what must not be accused: everything that is not named here is no problem. */
  expect: Partial<Record<DoctorCode, Expected>>;
  more?: Partial<DoctorOptions>;
}

const sse = (path: string, expected: Case['expect'], more?: Partial<DoctorOptions>): Case => ({
  path,
  method: 'sse',
  expect: expected,
  ...(more && { more }),
});
const ws = (path: string, expected: Case['expect'], more?: Partial<DoctorOptions>): Case => ({
  ...sse(path, expected, more),
  method: 'websocket',
});
const poll = (path: string, expected: Case['expect']): Case => ({ ...sse(path, expected), method: 'short-polling' });
const long = (path: string, expected: Case['expect']): Case => ({ ...sse(path, expected), method: 'long-polling' });
const problem = (kind?: string, value?: [number, number]): Expected => ({
  verdict: 'problem',
  ...(kind === undefined ? {} : { kind }),
  ...(value ? { value } : {}),
});
const warning = (kind?: string, value?: [number, number]): Expected => ({
  verdict: 'warning',
  ...(kind === undefined ? {} : { kind }),
  ...(value ? { value } : {}),
});
const ok = (kind?: string, value?: [number, number]): Expected => ({
  verdict: 'ok',
  ...(kind === undefined ? {} : { kind }),
  ...(value ? { value } : {}),
});

const CASES: Case[] = [
  sse('/good', {
    speaks: ok('plain'),
    'content-type': ok(),
    redirect: ok(),
    auth: ok(),
    'h2-only': 'not asked',
    cors: 'not asked',
    'head-late': ok(),
    buffered: ok(),
    compressed: ok('none'),
    cached: ok(),
    heartbeat: ok('comment', [900, 1150]),
    zombie: ok(),
    resume: ok(),
    'no-replay': ok(),
    'six-connections': warning(),
    advice: ok('retry'),
    truncates: 'not asked',
    'idle-limit': 'unknown',
    lifetime: 'unknown',
    'close-words': 'unknown',
    'repeats-requests': 'unknown',
  }),
  sse('/idle', { 'idle-limit': problem('fin', [1425, 1800]), lifetime: 'unknown', 'close-words': 'unknown' }),
  sse('/slow-beat', { 'idle-limit': problem('fin'), heartbeat: problem('promised', [4000, 4000]) }),
  sse('/quiet', {
    'idle-limit': 'unknown',
    lifetime: 'unknown',
    heartbeat: 'unknown',
    zombie: 'unknown',
    buffered: 'unknown',
    resume: 'unknown',
    'no-replay': 'unknown',
    'close-words': 'unknown',
    advice: 'unknown',
    compressed: ok('none'),
  }),
  sse('/life', {
    lifetime: problem('rst', [1940, 2100]),
    'idle-limit': 'unknown',
    'close-words': warning('rst'),
    'no-replay': warning(),
  }),
  sse('/life?clean=1', { lifetime: warning('announced', [1940, 2100]), 'close-words': ok() }),
  sse('/by-size', { buffered: problem('by-size', [1024, 1024]) }),
  sse('/by-time', { buffered: problem('by-time', [1100, 1300]) }),
  sse('/one-behind', { buffered: problem('one-behind', [500, 750]) }),
  sse('/until-end', { buffered: problem('until-end') }),
  sse('/bursts', { buffered: ok() }),
  sse('/late-head', { 'head-late': problem('late', [1550, 1900]), resume: ok() }),
  sse('/no-ids', { 'no-replay': warning(), resume: 'not asked' }),
  sse('/gzip', { compressed: problem('gzip'), buffered: ok() }),
  sse('/gzip?flush=1', { compressed: ok('gzip'), buffered: ok() }),
  sse('/ignored', { resume: problem('ignored') }),
  sse('/repeats', { resume: problem('repeats') }),
  sse('/gap', { resume: problem('gap-unannounced') }),
  sse('/from-start', { resume: problem('ignored') }),
  sse('/stored-stream', { cached: problem('stored', [12, 12]), resume: problem('ignored') }),
  sse('/dies', { zombie: problem(), resume: problem('ignored') }),
  sse('/model', { truncates: problem(undefined, [1, 1]), lifetime: 'unknown' }),
  sse('/model?done=1', { truncates: ok(undefined, [0, 0]) }),
  sse('/drained', { advice: warning('none'), resume: problem('ignored') }),
  sse('/login', { redirect: problem('login', [302, 302]), auth: 'unknown' }),
  sse('/moved', { redirect: warning('elsewhere', [307, 307]), speaks: ok(), resume: ok() }),
  sse('/page', { 'content-type': problem('text/html') }),
  sse('/closed', { auth: problem('who', [401, 401]), 'content-type': 'unknown' }),
  sse('/nothing', { speaks: problem('status-404') }),
  sse(
    '/cors',
    { cors: problem('another-origin'), resume: problem('ignored') },
    { headers: { Origin: 'https://other.example' } },
  ),
  sse('/cors', { cors: ok(), resume: problem('ignored') }, { headers: { Origin: 'https://app.example' } }),
  ws('/ws-good', {
    speaks: ok('plain'),
    'upgrade-blocked': ok(),
    heartbeat: ok('ping', [900, 1150]),
    'ping-unanswered': ok(),
    zombie: ok(),
    buffered: ok(),
    'no-replay': warning(),
    'idle-limit': 'unknown',
    lifetime: 'unknown',
    'message-limit': 'unknown',
    resume: 'not asked',
  }),
  ws('/ws-idle', {
    'idle-limit': problem('fin', [1425, 1800]),
    heartbeat: warning('none'),
    'ping-unanswered': ok(),
    'close-words': 'unknown',
  }),
  ws('/ws-hole', { 'idle-limit': problem('silence', [1300, 1800]) }),
  ws('/ws-life', { lifetime: problem('fin', [1450, 1700]), 'close-words': warning('fin'), 'idle-limit': 'unknown' }),
  ws('/ws-life?code=1001', { lifetime: warning('announced', [1450, 1700]), 'close-words': ok() }),
  ws('/ws-mute', { 'ping-unanswered': problem('no-pong') }),
  ws('/ws-1011', { 'ping-unanswered': problem('deadline-met'), lifetime: 'unknown', 'idle-limit': 'unknown' }),
  ws('/ws-refused', { 'upgrade-blocked': problem('status-400', [400, 400]) }),
  ws(
    '/ws-small',
    { 'message-limit': problem('close-1009', [60_000, 100_000]) },
    { allow: ['large-message'], only: ['message-limit'] },
  ),
  poll('/state', {
    'poll-cost': warning('no-etag-no-advice', [0.6, 1]),
    cached: ok(),
    'head-late': ok(),
    'no-replay': 'not asked',
  }),
  poll('/state-etag', { 'poll-cost': ok('validator'), cached: ok() }),
  poll('/state-old', { cached: problem('stored', [7, 7]) }),
  poll('/state-stale', { cached: problem('stale') }),
  poll('/state-slow', { 'head-late': problem('late', [1250, 1600]) }),
  long('/held', { 'hold-limit': ok(), 'answers-at-once': ok(), speaks: ok() }),
  long('/held-504', { 'hold-limit': problem('status-504', [1425, 1800]) }),
  long('/held-fin', { 'hold-limit': problem('fin', [1425, 1800]) }),
  long('/not-held', { 'answers-at-once': problem(), 'hold-limit': 'unknown' }),
  long('/held-for-ever', { 'hold-limit': 'unknown', 'answers-at-once': ok() }),
];

function found(report: DoctorReport, code: DoctorCode): unknown {
  if (report.unknown.some((u) => u.code === code)) return 'unknown';
  const finding = report.findings.find((f) => f.code === code);
  return finding ?? 'not asked';
}

// Real sockets and real seconds: a machine that stands still for one of them is not the server's fault.
describe.concurrent('a probe tells the truth of', { retry: 2 }, () => {
  it.each(CASES.map((one) => [`${one.method} ${one.path}`, one] as const))(
    '%s',
    { timeout: 60_000 },
    async (_name, one) => {
      const report = await examine(one.path, one.method, one.more);
      for (const [code, expected] of Object.entries(one.expect)) {
        const actual = found(report, code as DoctorCode);
        if (typeof expected === 'string') {
          expect(actual, `${code}: ${JSON.stringify(actual)}`).toBe(expected);
          continue;
        }
        const { value, ...same } = expected;
        expect(actual, code).toMatchObject(same);
        const seen = (actual as { value?: number }).value;
        if (value) {
          expect(seen, code).toBeGreaterThanOrEqual(value[0]);
          expect(seen, code).toBeLessThanOrEqual(value[1]);
        }
      }
      const accused = report.findings.filter((f) => f.verdict === 'problem' && one.expect[f.code] === undefined);
      expect(accused.map((f) => `${f.code}: ${f.text}`).join()).toBe('');
    },
  );
});

describe('the contract', () => {
  it('has a case in which each code is found, but for those that take other servers', () => {
    const elsewhere: DoctorCode[] = ['h2-only', 'keep-alive', 'repeats-requests'];
    const seen = new Set(
      CASES.flatMap(({ expect: e }) =>
        Object.entries(e).flatMap(([code, x]) => (typeof x === 'object' && x.verdict !== 'ok' ? [code] : [])),
      ),
    );
    expect(DOCTOR_CODES.filter((code) => !seen.has(code) && !elsewhere.includes(code))).toEqual([]);
  });
});
