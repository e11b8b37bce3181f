/** What SSE and WebSocket cores decide about silence, beats and goodbyes, without a socket or a clock. */
import { describe, expect, it } from 'vitest';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import type { Output } from '../../../src/engine/client/connection/output.ts';
import type { ClientSettings, Signal } from '../../../src/engine/client/connection/signal.ts';
import type { ContentCoding } from '../../../src/shared/content-coding.ts';
import { SseCore, type SseInput } from '../../../src/engine/transports/sse/core.ts';
import {
  WebSocketCore,
  type WebSocketInput,
  type WebSocketOutput,
} from '../../../src/engine/transports/websocket/core.ts';

const settings: ClientSettings = {
  pollMs: 2000,
  holdMs: 25_000,
  pingMs: null,
  deadAfter: 'auto',
  pongs: true,
  wire: false,
};

function drive<I extends SseInput | WebSocketInput>(
  core: { step(input: I, now: number): (Output | WebSocketOutput)[] },
  timer: (name: string) => I,
) {
  let now = 0;
  const timers = new Map<string, number>();
  const signals: Signal[] = [];
  const sent: string[] = [];
  const step = (input: I): void => {
    for (const o of core.step(input, now)) {
      if (o.out === 'arm') timers.set(o.name, now + o.ms);
      else if (o.out === 'disarm') timers.delete(o.name);
      else if (o.out === 'signal') signals.push(o.signal);
      else sent.push(o.out);
    }
  };
  const pass = (ms: number): void => {
    const end = now + ms;
    for (;;) {
      const due = [...timers].sort((a, b) => a[1] - b[1]).find(([, at]) => at <= end);
      if (!due || signals.at(-1)?.kind === 'ended') break;
      timers.delete(due[0]);
      now = due[1];
      step(timer(due[0]));
    }
    now = end;
  };
  return { step, pass, signals, sent, last: () => signals.at(-1) };
}

const ok = { in: 'head', status: 200, headers: { 'content-type': 'text/event-stream; charset=utf-8' } } as const;

function stream(change: Partial<ClientSettings> = {}, dialect = 'heartline', cursor: string | null = 'abcd.4') {
  const core = new SseCore({ dialect: DIALECTS[dialect]!, settings: { ...settings, ...change }, cursor });
  const d = drive<SseInput>(core, (name) => ({ in: 'timer', name }));
  const say = (text: string): void => d.step({ in: 'bytes', chunk: new TextEncoder().encode(text) });
  d.step({ in: 'request' });
  d.step(ok);
  return { ...d, say };
}

describe('an event stream', () => {
  it('without a known beat is never called dead, and says so', () => {
    const s = stream();
    s.pass(3_600_000);
    expect(s.last()).toMatchObject({ kind: 'notice', code: 'no-watchdog' });
  });

  it('that is dead by the client’s own limit alone has missed no heartbeat', () => {
    const s = stream({ deadAfter: 6000 });
    s.pass(6000);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence', by: 'client' });
    expect(s.last()).not.toHaveProperty('cause');
    expect(s.last()).toMatchObject({ detail: expect.stringContaining('own limit') });
  });

  describe('that is compressed', () => {
    const coded = (undo: ContentCoding[] | null = ['gzip']) => {
      const core = new SseCore({ dialect: DIALECTS['plain']!, settings, cursor: null });
      const s = drive<SseInput>(core, (name) => ({ in: 'timer', name }));
      s.step({ in: 'request' });
      s.step({ ...ok, coding: { name: undo?.join() ?? 'lzma', undo } });
      const wire = (bytes: number[]): void => s.step({ in: 'coded', chunk: Uint8Array.from(bytes) });
      const say = (text: string): void => s.step({ in: 'bytes', chunk: new TextEncoder().encode(text) });
      const notices = () => s.signals.filter((x) => x.kind === 'notice').filter((x) => x.code === 'compressed');
      return { ...s, wire, say, notices };
    };
    const GZIP_HEADER = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

    it('and shows nothing but its coding’s header is held back, which is said once', () => {
      const s = coded();
      s.pass(2000);
      s.wire(GZIP_HEADER);
      s.pass(2900);
      expect(s.notices()).toEqual([]);
      s.pass(200);
      s.wire([1, 2, 3]);
      s.pass(60_000);
      expect(s.notices()).toEqual([
        expect.objectContaining({
          level: 'warn',
          message:
            'The answer is compressed (gzip): 10 bytes have come and no event could be read from them; the coding holds events back.',
          hint: expect.stringContaining('no-transform'),
        }),
      ]);
    });

    it('and of which nothing comes may be held back', () => {
      const s = coded();
      s.pass(3000);
      expect(s.notices()).toEqual([expect.objectContaining({ message: expect.stringContaining('not a byte') })]);
    });

    it('and flushed is not: neither while it is quiet, nor between events, nor inside a long one', () => {
      const s = coded();
      s.wire([...GZIP_HEADER, 0, 0, 0, 0xff, 0xff]);
      s.pass(60_000);
      s.wire([1, 2, 3]);
      s.say('data: a\n\n');
      s.pass(60_000);
      s.wire([1, 2, 3]);
      s.say('data: long');
      s.pass(60_000);
      expect(s.notices()).toEqual([]);
    });

    it('and stalls after its first events is found out too', () => {
      const s = coded(['br']);
      s.wire([1, 2, 3]);
      s.say('data: a\n\n');
      s.pass(60_000);
      s.wire([1, 2, 3, 4]);
      s.pass(3000);
      expect(s.notices()).toEqual([expect.objectContaining({ message: expect.stringContaining('(br): 4 bytes') })]);
    });

    it('and moving all the time is not silent', () => {
      const core = new SseCore({
        dialect: DIALECTS['plain']!,
        settings: { ...settings, deadAfter: 6000 },
        cursor: null,
      });
      const s = drive<SseInput>(core, (name) => ({ in: 'timer', name }));
      s.step({ in: 'request' });
      s.step({ ...ok, coding: { name: 'gzip', undo: ['gzip'] } });
      for (let i = 0; i < 5; i++) {
        s.pass(4000);
        s.step({ in: 'coded', chunk: Uint8Array.of(1) });
      }
      expect(s.signals.some((x) => x.kind === 'ended')).toBe(false);
    });

    it('by a coding nobody knows is never taken for events', () => {
      const s = coded(null);
      s.say('data: a\n\n');
      expect(s.signals.map((x) => x.kind)).toEqual(['ended']);
      expect(s.last()).toMatchObject({
        evidence: 'protocol',
        final: true,
        detail: expect.stringContaining('lzma'),
        notice: { code: 'unknown-coding' },
      });
    });
  });

  it('whose head does not come says so while it waits, and how long it took', () => {
    const core = new SseCore({ dialect: DIALECTS['plain']!, settings, cursor: null });
    const s = drive<SseInput>(core, (name) => ({ in: 'timer', name }));
    s.step({ in: 'request' });
    s.pass(6500);
    expect(s.signals).toEqual([
      expect.objectContaining({ code: 'head-late', level: 'warn', message: expect.stringContaining('for 5 s') }),
    ]);
    s.step(ok);
    expect(s.signals[1]).toMatchObject({ code: 'head-late', message: 'The head of the answer came after 6.5 s.' });
  });

  it('with a promised beat is dead after 40 s of silence, not of quiet', () => {
    const s = stream();
    s.say('event: hello\ndata: {"heartbeatMs":15000,"newest":"abcd.4"}\n\n');
    for (let i = 0; i < 10; i++) {
      s.pass(39_000);
      s.say(': hb abcd.4\n\n');
    }
    expect(s.last()!.kind).not.toBe('ended');
    s.pass(39_999);
    expect(s.last()!.kind).not.toBe('ended');
    s.pass(1);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence', cause: 'missed-heartbeats', by: 'client' });
  });

  it('learns a beat it has seen twice', () => {
    const s = stream({}, 'plain');
    s.say(':hb\n\n');
    s.pass(20_000);
    s.say(':hb\n\n');
    s.pass(49_999);
    expect(s.last()!.kind).not.toBe('ended');
    s.pass(1);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence' });
  });

  it('does as --dead-after says', () => {
    const s = stream({ deadAfter: 3000 });
    s.pass(3000);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence' });
    const off = stream({ deadAfter: 'off' });
    off.say('event: hello\ndata: {"heartbeatMs":1000}\n\n');
    off.pass(3_600_000);
    expect(off.last()!.kind).not.toBe('ended');
  });

  it('that says bye ends announced, with the server’s advice, however the socket ends', () => {
    const s = stream();
    s.say('event: bye\ndata: {"reason":"age","retryMs":1234}\n\n');
    s.step({ in: 'end', evidence: 'rst' });
    expect(s.last()).toMatchObject({ kind: 'ended', announced: true, final: false, retryMs: 1234 });
  });

  it('that says end is over for good', () => {
    const s = stream();
    s.say('id: abcd.5\ndata: last\n\nevent: end\ndata: {}\n\n');
    s.step({ in: 'end', evidence: 'clean-end' });
    expect(s.signals.some((x) => x.kind === 'event')).toBe(true);
    expect(s.last()).toMatchObject({ kind: 'ended', final: true, why: 'ended' });
  });

  it('tells a gap, and goes on from its id', () => {
    const s = stream();
    s.say('event: gap\nid: abcd.90\ndata: {"reason":"trimmed","requested":"abcd.4","missed":86}\n\n');
    expect(s.last()).toEqual({ kind: 'gap', from: 'abcd.4', to: 'abcd.90', missed: 86, reason: 'trimmed' });
  });

  it('loses its cursor by an empty id, whether the event has data or not', () => {
    for (const [dialect, text] of [
      ['plain', 'id\ndata: b\n\n'],
      ['plain', 'id:\n\n'],
      ['heartline', 'id:\ndata: b\n\n'],
    ] as const) {
      const s = stream({}, dialect, '1');
      s.say('id: 1\ndata: a\n\n');
      s.say(text);
      expect(s.last()).toEqual({ kind: 'cursor', cursor: null });
    }
  });

  it('keeps its cursor where an event has no id', () => {
    const s = stream({}, 'plain', '1');
    s.say('id: 2\ndata: a\n\n');
    s.say('data: b\n\n');
    expect(s.last()).toMatchObject({ kind: 'event', id: null, data: 'b' });
  });

  it('takes its start from hello, so that a drop before the first event can be resumed', () => {
    const s = stream({}, 'heartline', null);
    s.say('event: hello\ndata: {"heartbeatMs":null,"newest":"abcd.7"}\n\n');
    expect(s.signals).toContainEqual({ kind: 'cursor', cursor: 'abcd.7' });
    expect(s.signals).toContainEqual({ kind: 'caught-up', cursor: 'abcd.7' });
  });

  it('hands out the time of the extra field, and takes control words of others for events', () => {
    const s = stream();
    s.say('id: abcd.5\ntime: 1700000000123\ndata: x\n\n');
    expect(s.last()).toMatchObject({ kind: 'event', id: 'abcd.5', time: 1_700_000_000_123 });
    const other = stream({}, 'plain');
    other.say('event: end\ndata: of a chapter\n\n');
    expect(other.last()).toMatchObject({ kind: 'event', type: 'end', id: null });
  });

  it('that does not answer is given up after 30 s', () => {
    const core = new SseCore({ dialect: DIALECTS['plain']!, settings, cursor: null });
    const d = drive<SseInput>(core, (name) => ({ in: 'timer', name }));
    d.step({ in: 'request' });
    d.pass(30_000);
    expect(d.last()).toMatchObject({ kind: 'ended', evidence: 'no-answer' });
  });
});

describe('a WebSocket', () => {
  function socket(change: Partial<ClientSettings> = {}, dialect = 'heartline') {
    const live = { ...settings, ...change };
    const core = new WebSocketCore({ dialect: DIALECTS[dialect]!, settings: live, cursor: 'abcd.4' });
    const d = drive<WebSocketInput>(core, (name) => ({ in: 'timer', name }));
    const text = (value: unknown): void => {
      const t = typeof value === 'string' ? value : JSON.stringify(value);
      d.step({ in: 'text', text: t, bytes: t.length });
    };
    d.step({ in: 'request' });
    d.step({ in: 'open' });
    return { ...d, text, live };
  }

  it('mutes its pongs in place', () => {
    const s = socket();
    s.step({ in: 'ping' });
    expect(s.sent).toEqual(['pong']);
    s.live.pongs = false;
    s.step({ in: 'ping' });
    expect(s.sent).toEqual(['pong']);
  });

  it('pings when told to, even while it is open, and waits min(20 s, period) for the pong', () => {
    const s = socket();
    s.pass(5000);
    expect(s.sent).toEqual([]);
    s.live.pingMs = 60_000;
    s.pass(1000);
    expect(s.sent).toEqual(['ping']);
    s.step({ in: 'pong' });
    expect(s.last()).toMatchObject({ kind: 'heartbeat', beat: 'pong', dir: 'in', rtt: expect.any(Number) });
    s.pass(60_000);
    s.pass(19_999);
    expect(s.last()!.kind).not.toBe('ended');
    s.pass(1000);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence', cause: 'pong-deadline' });
  });

  it('keeps watch by the server’s pings', () => {
    const s = socket({}, 'plain');
    s.step({ in: 'ping' });
    s.pass(30_000);
    s.step({ in: 'ping' });
    s.pass(75_000);
    expect(s.last()).toMatchObject({ kind: 'ended', evidence: 'silence', cause: 'missed-heartbeats' });
  });

  it('hears hb as a beat that tells the newest', () => {
    const s = socket();
    s.text({ t: 'hb', newest: { demo: 'abcd.4' } });
    expect(s.signals.slice(-2)).toEqual([
      { kind: 'heartbeat', beat: 'message', dir: 'in' },
      { kind: 'caught-up', cursor: 'abcd.4' },
    ]);
  });

  it('reads nchan’s block of meta data', () => {
    const s = socket({}, 'nchan');
    s.text('id: 1700000000:3\ncontent-type: text/plain\n\nfirst\n\nsecond');
    expect(s.last()).toMatchObject({ kind: 'event', id: '1700000000:3', data: 'first\n\nsecond' });
    s.text('id: 1700000000:4\n\n');
    expect(s.last()).toMatchObject({ kind: 'event', id: '1700000000:4', data: '' });
  });
});
