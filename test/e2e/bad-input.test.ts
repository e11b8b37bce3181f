import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Method } from '../../src/shared/catalog.ts';
import { hostileServer, type HostileServer } from '../helpers/hostile-servers.ts';
import { watchedLab, type WatchedLab } from '../helpers/watched-lab.ts';

let hostile: HostileServer;
let watched: WatchedLab | null = null;

beforeAll(async () => {
  hostile = await hostileServer();
});
afterEach(async () => {
  await watched?.close();
  watched = null;
});
afterAll(() => hostile.close());

interface Trial {
  what: string;
  method: Method;
  path: string;
  /** What the drop, or the failure, must rest on. */
  evidence: string[];
  /** Most bytes the lane may have taken in before it gave up. */
  most?: number;
}

const MIB = 1024 * 1024;
const TRIALS: Trial[] = [
  { what: 'a 10 MB SSE line', method: 'sse', path: '/sse-long-line', evidence: ['protocol'], most: 4 * MIB },
  { what: 'endless headers (SSE)', method: 'sse', path: '/endless-headers', evidence: ['protocol'], most: 2 * MIB },
  { what: 'endless headers (poll)', method: 'short-polling', path: '/endless-headers', evidence: ['protocol'] },
  { what: 'endless headers (WebSocket)', method: 'websocket', path: '/endless-headers', evidence: ['protocol'] },
  { what: 'an oversized frame', method: 'websocket', path: '/ws-oversized', evidence: ['protocol'] },
  { what: 'a frame that is no UTF-8', method: 'websocket', path: '/ws-bad-utf8', evidence: ['protocol'] },
  { what: 'an answer of 17 MB', method: 'short-polling', path: '/huge-answer', evidence: ['protocol'] },
  { what: 'a server that never answers (SSE)', method: 'sse', path: '/silent', evidence: ['no-answer'] },
  { what: 'a server that never answers (poll)', method: 'short-polling', path: '/silent', evidence: ['no-answer'] },
  { what: 'a server that never answers (hold)', method: 'long-polling', path: '/silent', evidence: ['no-answer'] },
  { what: 'a server that never answers (WebSocket)', method: 'websocket', path: '/silent', evidence: ['no-answer'] },
  { what: 'HTML (SSE)', method: 'sse', path: '/html', evidence: ['protocol'] },
  { what: 'HTML (short poll)', method: 'short-polling', path: '/html', evidence: ['protocol'] },
  { what: 'HTML (long poll)', method: 'long-polling', path: '/html', evidence: ['protocol'] },
  { what: 'HTML (WebSocket)', method: 'websocket', path: '/html', evidence: ['status:200', 'protocol'] },
  { what: 'something that is not HTTP', method: 'sse', path: '/not-http', evidence: ['protocol'] },
];

describe('a lane meets, reports and survives', () => {
  for (const { what, method, path, evidence, most } of TRIALS) {
    test(what, { timeout: 60_000 }, async () => {
      const other: Method = method === 'sse' ? 'websocket' : 'sse';
      watched = await watchedLab({
        workload: { name: 'custom', rate: 2, size: 50, burst: 1 },
        lanes: [
          { method, url: hostile.url.replace('http', method === 'websocket' ? 'ws' : 'http') + path },
          { method: other },
        ],
        timeScale: 10,
        seed: 5,
      });
      const { until, noted, lane, summary, lab, seen } = watched;
      const ended = () => [...noted('drop', method), ...noted('state', method).filter((o) => o.to === 'failed')];
      await until(`${what} reported`, () => ended().length > 0, 40_000);
      expect(evidence).toContain(ended()[0]!.evidence);
      if (most !== undefined) expect(summary(method).bytesIn).toBeLessThan(most);
      // in words, too
      const messages = seen.filter(
        (o) => o.lane === method && (o.type === 'notice' || (o.type === 'drop' && o.detail)),
      );
      expect(messages.length, 'a sentence on what happened').toBeGreaterThan(0);

      // the other lane never noticed
      const before = summary(other).unique;
      await lab.publish({ type: 'note', data: 'still here' });
      await until('the other lane goes on', () => summary(other).unique > before + 3);
      expect(lane(other).state).toBe('open');
      expect(noted('drop', other)).toEqual([]);
    });
  }
});
