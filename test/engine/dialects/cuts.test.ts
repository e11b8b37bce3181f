/** No stream that was cut is ever called complete, and none that is complete is called cut: wherever, however it breaks. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Output } from '../../../src/engine/client/connection/output.ts';
import type { ClientSettings, EndedSignal } from '../../../src/engine/client/connection/signal.ts';
import { DIALECTS } from '../../../src/engine/dialects/index.ts';
import { SseCore } from '../../../src/engine/transports/sse/core.ts';
import { seeded, type Random } from '../../../src/shared/random.ts';
import { STREAMS } from '../../helpers/agent-streams.ts';
import { watchedLane } from '../../helpers/lane.ts';

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const fn of undo.splice(0).reverse()) await fn();
});

const settings: ClientSettings = {
  pollMs: 2000,
  holdMs: 25_000,
  pingMs: null,
  deadAfter: 'auto',
  pongs: true,
  wire: false,
};
const ENDS = ['clean-end', 'fin', 'rst', 'silence'] as const;
const CUTS = 26;

/** Anywhere, or where it is most often got wrong: at an event's edge, inside a character, in the last message, right after it. */
function placeOf(random: Random, nth: number, bytes: Buffer, terminalAt: number): number {
  switch (nth % 6) {
    case 0:
      return bytes.length;
    case 1:
      return bytes.length - 1;
    case 2:
      return terminalAt + random.int(0, bytes.length - terminalAt);
    case 3: {
      const inside = bytes.indexOf(0xa9); // the second byte of é
      return inside < 0 ? terminalAt : inside;
    }
    case 4:
      return terminalAt;
    default:
      return random.int(0, bytes.length);
  }
}

function play(dialect: string, bytes: Buffer, how: (typeof ENDS)[number], random: Random): Output[] {
  const core = new SseCore({ dialect: DIALECTS[dialect]!, settings: { ...settings, deadAfter: 1000 }, cursor: null });
  const out = [
    ...core.step({ in: 'request', method: 'POST' }, 0),
    ...core.step({ in: 'head', status: 200, headers: { 'content-type': 'text/event-stream' } }, 1),
  ];
  for (let at = 0; at < bytes.length;) {
    const to = Math.min(bytes.length, at + 1 + random.int(0, 40));
    out.push(...core.step({ in: 'bytes', chunk: bytes.subarray(at, to) }, 2));
    at = to;
  }
  if (how === 'silence') out.push(...core.step({ in: 'timer', name: 'dead' }, 60_000));
  else out.push(...core.step({ in: 'end', evidence: how }, 3));
  return out;
}

describe('a stream cut anywhere', () => {
  STREAMS.forEach(([dialect, before, terminal], s) => {
    it(`${dialect} (${s}): ${CUTS} seeded cuts are told for what they are`, () => {
      const bytes = Buffer.from(before + terminal);
      const terminalAt = Buffer.byteLength(before);
      for (let nth = 0; nth < CUTS; nth++) {
        const random = seeded(1000 * s + nth);
        const at = placeOf(random, nth, bytes, terminalAt);
        const how = ENDS[random.int(0, ENDS.length - 1)]!;
        const signals = play(dialect, bytes.subarray(0, at), how, random).flatMap((o) =>
          o.out === 'signal' ? [o.signal] : [],
        );
        const ends = signals.filter((one): one is EndedSignal => one.kind === 'ended');
        const whole = at === bytes.length;
        const told = { terminal: ends[0]?.terminal === true, truncated: ends[0]?.truncated === true };
        const where = `cut at ${at} of ${bytes.length} by ${how}`;
        expect({ where, ends: ends.length, ...told }).toEqual({ where, ends: 1, terminal: whole, truncated: !whole });
        // in whatever way it broke off, the lane does not ask a second time
        expect({ where, final: ends[0]!.final }).toEqual({ where, final: true });
      }
    });
  });
});

describe('on a real connection', () => {
  const [dialect, before, terminal] = STREAMS[0]!;
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';
  const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

  it.each([
    ['in the head, by FIN', 'HTTP/1.1 200 OK\r\ncontent-ty', 'end', false],
    ['before the first event, by RST', HEAD, 'resetAndDestroy', false],
    ['between events, the chunked end missing', HEAD + chunk(before), 'end', false],
    ['between events, by a clean end', `${HEAD}${chunk(before)}0\r\n\r\n`, 'end', false],
    [
      'in the terminal message, by a clean end',
      `${HEAD}${chunk(before + terminal.slice(0, -1))}0\r\n\r\n`,
      'end',
      false,
    ],
    ['in a chunk, by RST', HEAD + chunk(before).slice(0, -20), 'resetAndDestroy', false],
    ['right after the terminal message, the chunked end missing', HEAD + chunk(before + terminal), 'end', true],
    ['by its own end', `${HEAD}${chunk(before + terminal)}0\r\n\r\n`, 'end', true],
  ] as const)('%s', async (_, text, how, whole) => {
    let requests = 0;
    const server = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        requests++;
        socket.write(text, () => setTimeout(() => socket[how](), 30));
      });
      undo.push(() => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/x`;
    const w = watchedLane({ method: 'sse', url, dialect });
    undo.push(() => w.lane.close());
    w.lane.start();
    const over = await w.until('state', (s) => s.to === 'stopped' || s.to === 'failed');
    expect(over).toMatchObject(whole ? { to: 'stopped', reason: 'ended' } : { to: 'failed', reason: 'not-resent' });
    const opened = w.states().includes('open');
    expect(w.all('notice').some((n) => n.code === 'truncated')).toBe(opened && !whole);
    expect(requests).toBe(1);
  });
});
