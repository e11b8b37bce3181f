/** 68 s of a run, told as an engine would: a path that ends silence after 10 s, a heartbeat that cures it, a sleep of 8 s. */
import type { Method } from '../../../src/shared/catalog.ts';
import type { Fact, Observation } from '../../../src/shared/observation.ts';

export const EPOCH = 'k3f9';
const TYPES = ['order.shipped', 'comment.added', 'order.paid', 'user.joined'];
const PUBLISHED = [
  8.4, 9.7, 11.2, 11.5, 13.9, 15.8, 17.1, 17.4, 19.3, 21.1, 31.3, 34.6, 35.2, 46.2, 48.9, 51.3, 53.8, 56.7, 58.2, 58.9,
  61.4, 63, 63.3, 65.8, 67.2,
].map((t, i) => ({ t, seq: 403 + i }));
export const HEAD = 427;

interface Reported {
  t: number;
  lane: Method | null;
  fact: Fact;
}

const cursor = (seq: number): string => `${EPOCH}.${seq}`;

/** @param start engine time of the run's first moment */
export function tellStory(start: number): Observation[] {
  const reported: Reported[] = [];
  const say = (t: number, lane: Method | null, fact: Fact): void => void reported.push({ t, lane, fact });
  const event = (t: number, lane: Method, e: { t: number; seq: number }, bytes: number, duplicate = false): void =>
    say(t, lane, {
      type: 'event',
      cursor: cursor(e.seq),
      id: cursor(e.seq),
      event: TYPES[e.seq % 4]!,
      bytes,
      latency: Math.round((t - e.t) * 1000),
      duplicate,
    });
  const state = (t: number, lane: Method, fact: Omit<Fact & { type: 'state' }, 'type'>): void =>
    say(t, lane, { type: 'state', ...fact });

  say(0, null, { type: 'path', via: [], label: 'Direct', idleLimitMs: null });
  say(20, null, { type: 'path', via: ['idle-timeout:after=10s'], label: 'nginx, idle 10 s', idleLimitMs: 10_000 });
  say(40, null, { type: 'setting', name: 'heartbeat', value: '5000ms', set: { name: 'heartbeat', everyMs: 5000 } });
  for (const e of PUBLISHED) {
    say(e.t, null, { type: 'publish', cursor: cursor(e.seq), event: TYPES[e.seq % 4]!, bytes: 82 });
  }
  for (const lane of ['short-polling', 'long-polling', 'sse', 'websocket'] as const) {
    say(47, lane, { type: 'sleep', phase: 'begin', what: 'lane', until: start + 55_000, timers: 'fire' });
    say(55, lane, { type: 'sleep', phase: 'end', what: 'lane' });
    state(47, lane, { from: 'open', to: 'asleep', reason: 'sleep', until: start + 55_000 });
  }
  shortPolling();
  longPolling();
  stream('sse', [40, 45, 60, 65], 33.1, 'fin');
  stream('websocket', [40.3, 45.3, 60.3, 65.3], 33, 'fin');
  say(68, null, {
    type: 'server',
    streams: 2,
    sockets: 4,
    held: 1,
    requests: 90,
    published: HEAD,
    head: cursor(HEAD),
    floor: `${EPOCH}.0`,
    retained: 25,
    retainedBytes: 2048,
    bytesOut: 40_000,
  } as Fact);
  for (const [lane, bytes] of [
    ['short-polling', 15_300],
    ['long-polling', 11_375],
    ['sse', 3700],
    ['websocket', 2304],
  ] as const) {
    say(67.9, lane, { type: 'traffic', bytesIn: bytes * 0.7, bytesOut: bytes * 0.3 });
  }
  reported.sort((a, b) => a.t - b.t);
  return reported.map(({ t, lane, fact }, i) => ({ v: 1, n: i + 1, at: Math.round(start + t * 1000), lane, ...fact }));

  function shortPolling(): void {
    const lane = 'short-polling';
    state(0.01, lane, { from: 'idle', to: 'connecting', reason: 'start' });
    let before = 0;
    let id = 0;
    for (let t = 0.5; t < 68; t += 2) {
      const p = t > 47 && t < 55 ? null : t === 54.5 ? 55.1 : t;
      if (p === null) continue;
      const got = PUBLISHED.filter((e) => e.t > before && e.t <= p);
      id++;
      say(p - 0.02, lane, { type: 'request', id, method: 'GET', url: '/events/demo' });
      say(p, lane, {
        type: 'response',
        id,
        status: got.length > 0 ? 200 : 304,
        bytes: got.length * 120,
        took: 20,
        empty: got.length === 0,
      });
      for (const e of got) event(p + 0.001, lane, e, 120);
      state(p + 0.002, lane, {
        from: 'open',
        to: 'open',
        phase: 'resting',
        reason: 'phase',
        until: start + (p + 2) * 1000,
      });
      before = p;
    }
  }

  function longPolling(): void {
    const lane = 'long-polling';
    let id = 0;
    const ask = (t: number, hold: number): void => {
      say(t, lane, { type: 'request', id: ++id, method: 'GET', url: '/events/demo?wait=25' });
      state(t + 0.001, lane, {
        from: 'open',
        to: 'open',
        phase: 'held',
        reason: 'phase',
        until: start + (t + hold) * 1000,
      });
    };
    const answer = (t: number, status: number, empty: boolean): void =>
      say(t, lane, { type: 'response', id, status, bytes: empty ? 0 : 140, took: 0, empty });
    state(0.01, lane, { from: 'idle', to: 'open', reason: 'start', phase: 'requesting' });
    let asked = 0.2;
    ask(asked, 25);
    for (const e of PUBLISHED) {
      if (e.seq === 413) {
        answer(31.12, 504, false);
        say(31.121, lane, {
          type: 'drop',
          evidence: 'status:504',
          cause: 'idle-limit',
          by: 'path',
          silence: 10_000,
          detected: 1,
        });
        state(31.122, lane, { from: 'open', to: 'waiting', reason: 'back-off', until: start + 31_500 });
        say(31.123, lane, { type: 'reconnect', attempt: 1, delay: 380, cursor: cursor(412) });
        asked = 31.5;
        ask(asked, 25);
        answer(31.55, 200, false);
        event(31.551, lane, e, 140);
        say(31.552, lane, {
          type: 'resume',
          sent: cursor(412),
          first: cursor(413),
          missed: 0,
          repeated: 0,
          epochChanged: false,
          after: 'status:504',
        });
        asked = 31.56;
        ask(asked, 25);
        continue;
      }
      if (e.t > 47 && e.t < 55) {
        if (e.seq === 417) {
          event(55.12, lane, e, 140);
          event(55.121, lane, e, 140, true);
        } else event(55.122, lane, e, 140);
        if (e.seq === 419) {
          say(55, lane, {
            type: 'drop',
            evidence: 'fin',
            cause: 'client-sleep',
            by: 'server',
            silence: 8000,
            detected: 12,
          });
          ask(55.02, 5);
          answer(55.11, 200, false);
          say(55.13, lane, {
            type: 'resume',
            sent: cursor(416),
            first: cursor(417),
            missed: 0,
            repeated: 1,
            epochChanged: false,
            after: 'sleep',
          });
          asked = 55.16;
          ask(asked, 5);
        }
        continue;
      }
      for (let end = asked < 40 ? 40 : asked + 5; asked > 34 && end < e.t; end = asked + 5) {
        answer(end, 204, true);
        asked = end + 0.02;
        ask(asked, 5);
      }
      answer(e.t + 0.018, 200, false);
      event(e.t + 0.02, lane, e, 140);
      asked = e.t + 0.03;
      if (e.t !== 46.2) ask(asked, e.t < 40 ? 25 : 5);
      else ask(asked, 5);
    }
  }

  function stream(lane: 'sse' | 'websocket', heartbeats: number[], back: number, evidence: 'fin'): void {
    state(0.01, lane, { from: 'idle', to: 'connecting', reason: 'start' });
    state(0.05, lane, { from: 'connecting', to: 'open', reason: 'connected' });
    say(31.1, lane, {
      type: 'drop',
      evidence: lane === 'websocket' ? 'close:1006' : evidence,
      cause: 'idle-limit',
      by: 'path',
      silence: 10_000,
      detected: 1,
    });
    state(31.101, lane, { from: 'open', to: 'waiting', reason: 'back-off', until: start + back * 1000 });
    state(back, lane, { from: 'connecting', to: 'open', reason: 'connected' });
    const lost = lane === 'websocket';
    say(back + 0.06, lane, {
      type: 'resume',
      sent: lost ? 'now' : cursor(412),
      first: cursor(lost ? 414 : 413),
      missed: lost ? 1 : 0,
      repeated: 0,
      epochChanged: false,
      after: 'fin',
    });
    say(55, lane, { type: 'drop', evidence: 'fin', cause: 'client-sleep', by: 'server', silence: 8000, detected: 12 });
    const again = lane === 'sse' ? 55.1 : 55.15;
    state(again, lane, { from: 'connecting', to: 'open', reason: 'connected' });
    say(again + 0.01, lane, {
      type: 'resume',
      sent: cursor(416),
      first: cursor(417),
      missed: 0,
      repeated: 0,
      epochChanged: false,
      after: 'sleep',
    });
    for (const t of heartbeats)
      say(t, lane, {
        type: 'heartbeat',
        kind: lane === 'sse' ? 'comment' : 'pong',
        dir: 'in',
        ...(lost ? { rtt: 2 } : {}),
      });
    for (const e of PUBLISHED) {
      if (e.t > 31.1 && e.t < back) {
        if (!lost) event(back + 0.05, lane, e, 148);
      } else if (e.t > 47 && e.t < 55) event(again + 0.02 + (e.seq - 417) * 0.01, lane, e, 148);
      else event(e.t + (lost ? 0.007 : 0.009), lane, e, lost ? 98 : 148);
    }
  }
}
