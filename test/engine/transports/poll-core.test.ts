import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import type { ClientSettings, Signal } from '../../../src/engine/client/connection/signal.ts';
import { PollCore, type PollInput, type PollPlan } from '../../../src/engine/transports/polling/core.ts';
import type { PollStrategy } from '../../../src/engine/transports/polling/strategy.ts';
import { longPolling } from '../../../src/engine/transports/long-polling/core.ts';
import { shortPolling } from '../../../src/engine/transports/short-polling/core.ts';

const settings: ClientSettings = {
  pollMs: 2000,
  holdMs: 25_000,
  pingMs: null,
  deadAfter: 'auto',
  pongs: true,
  wire: false,
};

function polls(
  rhythm: PollStrategy,
  dialectName = 'heartline',
  cursor: string | null = 'abcd.5',
  answered = true,
  more: Partial<ClientSettings> = {},
) {
  const memory = new Map(answered ? [['answered', 'yes']] : []);
  const had = new Set<string>();
  const core = new PollCore(rhythm, {
    url: 'http://x.test/events/demo',
    method: rhythm === shortPolling ? 'short-polling' : 'long-polling',
    dialect: DIALECTS[dialectName]!,
    settings: { ...settings, ...more },
    cursor,
    memory,
    isRepeat: (id) => had.has(id),
  });
  let now = 1_000_000;
  const timers = new Map<string, number>();
  const asked: PollPlan[] = [];
  const signals: Signal[] = [];
  const step = (input: PollInput): void => {
    for (const o of core.step(input, now)) {
      if (o.out === 'arm') timers.set(o.name, now + o.ms);
      else if (o.out === 'disarm') timers.delete(o.name);
      else if (o.out === 'request') asked.push(o.plan());
      else {
        signals.push(o.signal);
        if (o.signal.kind === 'event' && o.signal.id !== null) had.add(o.signal.id);
      }
    }
  };
  const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): void => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    step({ in: 'response', status, headers, body: Buffer.from(text), complete: text.length });
  };
  return {
    step,
    answer,
    asked,
    signals,
    timers,
    /** Lets time pass, ringing what is due on the way. */
    pass(ms: number): void {
      const end = now + ms;
      for (;;) {
        const due = [...timers].sort((a, b) => a[1] - b[1]).find(([, at]) => at <= end);
        if (!due) break;
        timers.delete(due[0]);
        now = due[1];
        step({ in: 'timer', name: due[0] });
      }
      now = end;
    },
    left: (name: string): number => timers.get(name)! - now,
    kinds: () => signals.map((s) => s.kind),
    last: () => signals.at(-1),
  };
}

const one = (seq: number, more: object = {}) => ({
  events: [{ cursor: `abcd.${seq}`, type: 'tick', time: 17, data: `v${seq}` }],
  cursor: `abcd.${seq}`,
  ...more,
});
const none = { events: [], cursor: 'abcd.5' };

describe('short polling', () => {
  it('asks every interval, with the cursor and the last ETag', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    expect(p.asked[0]).toMatchObject({ url: 'http://x.test/events/demo?after=abcd.5', etag: null });
    p.answer(200, one(6), { etag: 'W/"abcd.6"' });
    expect(p.left('rest')).toBe(2000);
    p.pass(2000);
    expect(p.asked[1]).toMatchObject({
      url: 'http://x.test/events/demo?after=abcd.6',
      headers: { 'if-none-match': 'W/"abcd.6"' },
    });
  });

  it('asks at once while there is more, and as late as the server says', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.answer(200, one(6, { more: true }));
    expect(p.asked).toHaveLength(2);
    p.answer(200, one(7, { more: true, pollAfterMs: 9000 }));
    expect(p.asked).toHaveLength(3);
    p.answer(200, one(8, { pollAfterMs: 9000 }));
    expect(p.left('rest')).toBe(9000);
  });

  it('does not run after a "more" that brings nothing', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.answer(200, { events: [], cursor: 'abcd.5', more: true });
    expect(p.asked).toHaveLength(1);
  });

  it('stretches on no change, modestly, and returns with news', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    const rests: number[] = [];
    for (let i = 0; i < 10; i++) {
      p.answer(304);
      rests.push(p.left('rest'));
      p.pass(rests.at(-1)!);
    }
    expect(rests).toEqual([2000, 2000, 2000, 2500, 3000, 3500, 4000, 4000, 4000, 4000]);
    p.answer(200, one(6));
    expect(p.left('rest')).toBe(2000);
  });

  it('gives up on an answer after 30 s', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(30_000);
    expect(p.last()).toMatchObject({ kind: 'ended', evidence: 'no-answer', by: 'client' });
  });

  it('goes on from an announced gap, and stops at an announced end', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    const type = 'https://heartline.test/problems/gap';
    const gap = { type, reason: 'trimmed', requested: 'abcd.5', resume: 'abcd.90', missed: 85 };
    p.answer(410, gap);
    expect(p.last()).toMatchObject({ kind: 'gap', from: 'abcd.5', to: 'abcd.90', missed: 85, reason: 'trimmed' });
    expect(p.asked[1]!.url).toContain('after=abcd.90');
    // a server that calls its own resume point gone is not asked for ever
    p.answer(410, { ...gap, requested: 'abcd.90' });
    expect(p.last()).toMatchObject({ kind: 'ended', evidence: 'status:410', final: false });
    const q = polls(shortPolling);
    q.step({ in: 'start' });
    q.answer(410, { type: 'https://heartline.test/problems/ended' });
    expect(q.last()).toMatchObject({ kind: 'ended', final: true, why: 'ended' });
  });

  it('takes gap after gap, each from a new place, for a failed attempt', () => {
    const p = polls(shortPolling);
    const gap = (seq: number) => p.answer(410, { type: 'https://heartline.test/problems/gap', resume: `abcd.${seq}` });
    p.step({ in: 'start' });
    gap(90);
    expect(p.asked).toHaveLength(2);
    p.answer(200, one(91, { more: true }));
    gap(100); // an event came between
    expect(p.asked).toHaveLength(4);
    gap(110);
    expect(p.asked).toHaveLength(4);
    expect(p.signals.slice(-2)).toMatchObject([
      { kind: 'gap', to: 'abcd.110' },
      { kind: 'ended', evidence: 'status:410', announced: false, final: false },
    ]);
  });

  it('does not run after repeats, however the cursor moves', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.answer(200, one(6, { more: true }));
    expect(p.asked).toHaveLength(2);
    p.answer(200, one(6, { more: true, cursor: 'abcd.7' }));
    expect(p.asked).toHaveLength(2);
    expect(p.left('rest')).toBe(2000);
  });

  it('proves itself by a spaced request, not by a first answer', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.answer(200, one(6));
    expect(p.kinds()).not.toContain('steady');
    p.pass(2000);
    p.answer(304);
    expect(p.kinds()).toContain('steady');
  });

  it('asks once more, silently, when the kept connection had died', () => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.step({ in: 'lost', evidence: 'rst', detail: '', staleIdle: true });
    expect(p.asked).toHaveLength(2);
    expect(p.last()).toMatchObject({ kind: 'notice', code: 'stale-idle-retry' });
    p.step({ in: 'lost', evidence: 'rst', detail: '', staleIdle: true });
    expect(p.last()).toMatchObject({ kind: 'ended', evidence: 'rst' });
  });

  it('where there are no cursors, the same text twice is no news', () => {
    const p = polls(shortPolling, 'plain', null);
    p.step({ in: 'start' });
    for (const body of ['a', 'a', 'b', 'a']) {
      p.answer(200, body);
      p.pass(4000);
    }
    expect(p.signals.flatMap((s) => (s.kind === 'event' ? [s.data] : []))).toEqual(['a', 'b', 'a']);
  });
});

describe('long polling', () => {
  const heartline = longPolling(DIALECTS['heartline']!);

  describe('for the first time', () => {
    const knock = () => polls(heartline, 'heartline', 'abcd.5', false);

    it('asks without a hold, and is open when that is answered', () => {
      const p = knock();
      p.step({ in: 'start' });
      expect(p.asked[0]!.url).toBe('http://x.test/events/demo?after=abcd.5&wait=0');
      p.step({ in: 'sent' });
      p.pass(5000);
      expect(p.signals).toEqual([]);
      p.answer(204);
      expect(p.kinds()).toContain('open');
      // an empty answer at once is what was asked for
      expect(p.kinds()).not.toContain('notice');
      expect(p.kinds()).not.toContain('ended');
      expect(p.asked[1]!.url).toBe('http://x.test/events/demo?after=abcd.5&wait=25');
      p.step({ in: 'sent' });
      expect(p.last()).toEqual({ kind: 'phase', phase: 'held', until: 1_030_000 });
    });

    it('knocks once: an empty answer to what is held next comes too soon', () => {
      const p = knock();
      p.step({ in: 'start' });
      p.answer(204);
      expect(p.asked).toHaveLength(1);
      p.pass(100);
      expect(p.asked).toHaveLength(2);
      p.answer(204);
      expect(p.last()).toMatchObject({ kind: 'ended', announced: true, evidence: 'status:204' });
    });

    it('was never open when nobody answers', () => {
      const p = knock();
      p.step({ in: 'start' });
      p.step({ in: 'sent' });
      p.pass(60_000);
      expect(p.signals).toEqual([expect.objectContaining({ kind: 'ended', evidence: 'no-answer' })]);
    });

    it('takes silence for a hold where the endpoint cannot be told how long to hold', () => {
      const p = polls(longPolling(DIALECTS['nchan']!), 'nchan', null, false);
      p.step({ in: 'start' });
      p.step({ in: 'sent' });
      p.pass(300);
      expect(p.signals[0]).toEqual({ kind: 'open' });
    });
  });

  it('says that a hold is over and nobody answered, once', () => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(25_500);
    expect(p.last()).toMatchObject({ phase: 'held' });
    p.pass(500);
    expect(p.signals.slice(-2)).toEqual([
      { kind: 'phase', phase: 'requesting', until: 1_035_000 },
      expect.objectContaining({
        kind: 'notice',
        code: 'hold-overdue',
        message: 'The hold ended without an answer; the poll is given up in 9.0 s.',
      }),
    ]);
    p.answer(204);
    p.step({ in: 'sent' });
    p.pass(26_000);
    expect(p.kinds().filter((kind) => kind === 'notice')).toHaveLength(1);
    expect(p.last()).toMatchObject({ kind: 'phase', phase: 'requesting' });
  });

  describe('let go by a server that drains', () => {
    it('comes back when it was told to', () => {
      const p = polls(heartline);
      p.step({ in: 'start' });
      p.step({ in: 'sent' });
      p.pass(10_000);
      p.answer(204, '', { connection: 'close', 'retry-after': '2', 'events-retry-ms': '1234' });
      expect(p.asked).toHaveLength(1);
      expect(p.last()).toMatchObject({ kind: 'ended', announced: true, final: false, retryMs: 1234 });
      // it had been held, so that several restarts do not add up to a long back-off
      expect(p.kinds()).toContain('steady');
    });

    it('takes whole seconds from other servers', () => {
      const p = polls(heartline);
      p.step({ in: 'start' });
      p.pass(10_000);
      p.answer(204, '', { 'retry-after': '2' });
      expect(p.last()).toMatchObject({ kind: 'ended', announced: true, retryMs: 2000 });
    });
  });

  it('asks to be held, shows until when, and asks again from what it has', () => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    expect(p.asked[0]!.url).toBe('http://x.test/events/demo?after=abcd.5&wait=25');
    p.step({ in: 'sent' });
    p.pass(300);
    expect(p.signals).toEqual([{ kind: 'open' }, { kind: 'phase', phase: 'held', until: 1_025_000 }]);
    p.answer(200, one(6));
    expect(p.asked[1]!.url).toContain('after=abcd.6');
  });

  it('takes a 204 after the hold as the sign to ask again, and gives up 10 s after', () => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(25_000);
    p.answer(204);
    expect(p.asked).toHaveLength(2);
    expect(p.kinds()).toContain('steady');
    p.step({ in: 'sent' });
    p.pass(34_999);
    expect(p.last()!.kind).not.toBe('ended');
    p.pass(1);
    expect(p.last()).toMatchObject({ kind: 'ended', evidence: 'no-answer' });
  });

  it('does not mistake an empty answer at once for a hold', () => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(50);
    p.answer(204);
    expect(p.last()).toMatchObject({ kind: 'ended', announced: true, final: false, evidence: 'status:204' });
    const q = polls(heartline);
    q.step({ in: 'start' });
    q.pass(50);
    q.answer(200, none);
    expect(q.last()).toMatchObject({ kind: 'ended', announced: true, final: false });
  });

  it.each([
    ['the same event and the same cursor', {}],
    ['the same event and another cursor', { cursor: 'abcd.x7' }],
    ['a cursor that moves and never an event', { events: [], cursor: 'abcd.7', more: true }],
    ['other events and the same cursor', { events: [{ cursor: 'abcd.x', type: 'tick', data: 'v' }] }],
  ])('does not run after %s, at once', (_, again) => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.answer(200, one(6));
    expect(p.asked).toHaveLength(2);
    p.step({ in: 'sent' });
    p.pass(5);
    p.answer(200, one(6, again));
    expect(p.asked).toHaveLength(2);
    expect(p.last()).toMatchObject({ kind: 'ended', announced: true, final: false, evidence: 'status:200' });
    expect(p.kinds().filter((kind) => kind === 'steady')).toEqual([]);
  });

  it('says how long a poll had been held when the path cut it', () => {
    const p = polls(heartline);
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(10_000);
    p.step({ in: 'lost', evidence: 'fin', detail: '', staleIdle: false });
    expect(p.last()).toMatchObject({ evidence: 'fin', detail: 'after 10.0 s held' });
  });
});

describe('pace', () => {
  const notices = (p: ReturnType<typeof polls>) => p.signals.filter((s) => s.kind === 'notice');

  it('leaves 100 ms between two requests unless the answer before brought an id or a cursor not seen before', () => {
    const p = polls(longPolling(DIALECTS['plain']!), 'plain', null);
    p.step({ in: 'start' });
    p.pass(10);
    p.answer(200, 'a');
    p.pass(89);
    expect(p.asked).toHaveLength(1);
    p.pass(1);
    expect(p.asked).toHaveLength(2);
    const busy = polls(longPolling(DIALECTS['heartline']!));
    busy.step({ in: 'start' });
    busy.answer(200, one(6));
    busy.answer(200, one(7));
    expect(busy.asked).toHaveLength(3);
  });

  it('finds out a server that answers at once for ever with changing text, says so once, and slows down', () => {
    const p = polls(longPolling(DIALECTS['plain']!), 'plain', null);
    p.step({ in: 'start' });
    for (let i = 0; i < 10; i++) {
      p.answer(200, `text ${i}`);
      p.pass(100);
    }
    expect(p.asked).toHaveLength(10);
    expect(notices(p)).toEqual([expect.objectContaining({ code: 'answers-at-once', level: 'warn' })]);
    expect(p.last()).toMatchObject({ kind: 'ended', announced: true, final: false });
  });

  it('does not take for one a server that lets a poll wait now and then', () => {
    const p = polls(longPolling(DIALECTS['plain']!), 'plain', null);
    p.step({ in: 'start' });
    for (let i = 0; i < 40; i++) {
      if (i % 9 === 8) p.pass(60);
      p.answer(200, `text ${i}`);
      p.pass(100);
    }
    expect(notices(p)).toEqual([]);
  });

  it('keeps a given --poll between long polls too, unless more is waiting', () => {
    const strategy = longPolling(DIALECTS['heartline']!);
    const p = polls(strategy, 'heartline', 'abcd.5', true, { pollFloorMs: 1000 });
    p.step({ in: 'start' });
    p.answer(200, one(6));
    expect(p.left('rest')).toBe(1000);
    p.pass(1000);
    p.answer(200, one(7, { more: true }));
    expect(p.asked).toHaveLength(3);
  });

  it.each([['retry-after'], ['x-poll-interval']])('obeys %s of a good answer', (name) => {
    const p = polls(shortPolling);
    p.step({ in: 'start' });
    p.answer(200, one(6), { [name]: '60' });
    expect(p.left('rest')).toBe(60_000);
  });

  it('never says that a poll is given up in less than no time, after a sleep (rcarmo/piclaw #65)', () => {
    const p = polls(longPolling(DIALECTS['heartline']!));
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.timers.delete('giveup');
    p.timers.delete('overdue');
    p.pass(60_000);
    p.step({ in: 'timer', name: 'overdue' });
    expect(notices(p)).toEqual([]);
  });
});

describe('nchan', () => {
  const headers = { 'last-modified': 'Tue, 14 Nov 2023 22:13:20 GMT', etag: '3' };

  it('gives one message an answer: asks again at once, with both validators, until nothing is new', () => {
    const p = polls(shortPolling, 'nchan', null);
    p.step({ in: 'start' });
    expect(p.asked[0]!.headers).toEqual({});
    p.answer(200, 'hello', headers);
    expect(p.signals.find((s) => s.kind === 'event')).toMatchObject({ id: '1700000000:3', data: 'hello' });
    expect(p.asked[1]!.headers).toEqual({
      'if-modified-since': 'Tue, 14 Nov 2023 22:13:20 GMT',
      'if-none-match': '3',
    });
    p.answer(304);
    expect(p.asked).toHaveLength(2);
    expect(p.left('rest')).toBe(2000);
  });

  it('does not walk in place', () => {
    const p = polls(shortPolling, 'nchan', '1700000000:3');
    p.step({ in: 'start' });
    p.answer(200, 'hello', headers);
    expect(p.asked).toHaveLength(1);
  });

  it('ends a hold with 408', () => {
    const p = polls(longPolling(DIALECTS['nchan']!), 'nchan', '1700000000:3');
    p.step({ in: 'start' });
    p.step({ in: 'sent' });
    p.pass(5000);
    p.answer(408);
    expect(p.asked).toHaveLength(2);
    expect(p.signals.find((s) => s.kind === 'response')).toMatchObject({ status: 408, empty: true });
  });
});
