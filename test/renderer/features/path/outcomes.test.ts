import { stepsOf } from '../../../../src/shared/path/spec.ts';
import { resolveVia } from '../../../../src/shared/path/resolve.ts';
import { describe, expect, it } from 'vitest';
import { shortestLimit } from '../../../../src/renderer/features/path/shortest-limit.ts';
import {
  heartbeatMs,
  isAged,
  notInOutcomes,
  outcomesOf,
  type OutcomeRow,
} from '../../../../src/renderer/features/path/outcomes.ts';
import { pathBoxes } from '../../../../src/renderer/features/path/path-diagram.ts';
import { axisLabel, sketchOf } from '../../../../src/renderer/features/path/sketch.ts';
import { durationLabel } from '../../../../src/renderer/ui/duration-label.ts';
import type { Method } from '../../../../src/shared/catalog.ts';
import type { PresetInfo } from '../../../../src/shared/path/presets/preset.ts';
import { PRESETS } from '../../engine-paths.mjs';

const presets = Object.values(PRESETS);
const steps = (via: string) => stepsOf(resolveVia([via]));

/** As the page reads it: a preset's name, or any text after --via. */
function read(via: string, preset: PresetInfo | null = PRESETS[via] ?? null): Record<Method, OutcomeRow> {
  return Object.fromEntries(outcomesOf(steps(via), preset).map((o) => [o.method, o])) as Record<Method, OutcomeRow>;
}
const text = (o: OutcomeRow): string => `${o.mark}${o.silent} | ${o.notice} | ${o.cure}`;

describe('what a path does to a method that is silent', () => {
  it('tells nginx’s four outcomes apart, and what cures each', () => {
    const out = read('nginx-tuned');
    expect(out['short-polling']).toMatchObject({ fate: 'lives', silent: 'Nothing', cure: 'Not needed' });
    expect(out['long-polling']).toMatchObject({ mark: '504', end: { afterMs: 60_000 }, cure: 'Hold under 60 s' });
    expect(out.sse).toMatchObject({ mark: 'FIN', cure: 'A comment every 30 s' });
    expect(heartbeatMs(out.sse)).toBe(30_000);
    expect(out.websocket).toMatchObject({ mark: 'FIN', notice: 'At once, as close 1006', cure: 'A ping every 30 s' });
  });

  it('follows a limit that was changed', () => {
    const out = read('nginx-tuned:http-idle-timeout=10s,http-idle-timeout.poll=502');
    expect(out['long-polling']).toMatchObject({ mark: '502', end: { afterMs: 10_000 } });
    expect(out.sse.cure).toBe('A comment every 5 s');
  });

  it('says that a heartbeat saves nothing from a lifetime, nor from a write timeout', () => {
    const { sse } = read('gcp-https-lb');
    expect([isAged(sse), heartbeatMs(sse), sse.cure]).toEqual([true, null, expect.stringContaining('None')]);
    expect(read('go-write-timeout').sse.cure).toBe('None: a heartbeat is what ends it');
    expect(read('go-write-timeout').websocket.fate).toBe('lives');
  });

  it('says that a client cannot see a silent end', () => {
    expect(text(read('azure-load-balancer').sse)).toMatch(/^Silence for good.*Not at all, without a watchdog/);
    expect(text(read('aws-nlb').websocket)).toMatch(/^Silence, RST to whoever sends next.*Only by a ping/);
  });

  it('says that WebSocket never opens where the Upgrade does not get through', () => {
    expect(read('apache').websocket).toMatchObject({ fate: 'blocked', mark: '' });
    expect(text(read('apache').websocket)).toMatch(/^Never opens/);
    expect(text(read('traffic-server').websocket)).toMatch(/^404, never opens/);
  });

  it('says what gets through a gateway for WebSocket alone, and one that holds answers to their end', () => {
    const only = read('aws-api-gateway-websocket');
    expect(text(only.sse)).toMatch(/^426, nothing but WebSocket gets through/);
    expect(only['long-polling']).toMatchObject({ fate: 'blocked', mark: '426' });
    expect(only.websocket).toMatchObject({ mark: '1001', end: { afterMs: 600_000 } });
    expect(read('aws-api-gateway-http').sse).toMatchObject({ mark: '503', end: { afterMs: 30_000 } });
  });

  it('gives a WebSocket an age of its own, and leaves a reload out that never comes', () => {
    const out = read('gcp-api-gateway:http-idle-timeout=2h');
    expect(out.websocket).toMatchObject({ end: { when: { on: 'age' }, afterMs: 3_600_000 } });
    expect(out.sse).toMatchObject({ end: { when: { on: 'age' }, afterMs: 15_000 } });
    expect(notInOutcomes(steps('caddy'))).toEqual([]);
    expect(notInOutcomes(steps('caddy:reload=5m'))).toEqual(['reload']);
  });

  it('says when a stream lives and yet shows nothing', () => {
    expect(text(read('bluecoat-scanning').sse)).toMatch(/events come at its end \| Long polling/);
    expect(text(read('haproxy-gzip').sse)).toContain('each event comes with the next');
  });

  it('counts the polls that a path repeats by itself', () => {
    expect(read('nginx-two-upstreams')['long-polling']).toMatchObject({
      end: { afterMs: 120_000, tries: 2 },
      cure: 'Hold under 60 s',
    });
  });

  it('keeps to the lanes a fault is meant for', () => {
    const out = read('idle-timeout:after=10s,lanes=sse');
    expect(out.sse.fate).toBe('ends');
    expect(out.websocket.fate).toBe('lives');
  });

  it('knows which direction must speak, and which one is ended', () => {
    expect(read('idle-timeout:after=10s').sse.cure).toBe('A comment every 5 s');
    expect(read('idle-timeout:after=10s,dir=down').sse.cure).toBe('A comment every 5 s');
    const mute = read('idle-timeout:after=10s,dir=up').sse;
    expect([heartbeatMs(mute), mute.cure]).toEqual([null, expect.stringMatching(/^None/)]);
    expect(read('idle-timeout:after=10s,dir=up').websocket.cure).toBe('A ping every 5 s');
    expect(read('half-close:time=20s').sse).toMatchObject({
      fate: 'ends',
      mark: 'FIN',
      end: { when: { on: 'age' }, afterMs: 20_000 },
    });
    expect(read('half-close:time=20s,dir=up').sse.fate).toBe('lives');
  });

  it('says where only some connections are struck, and of which faults it says nothing', () => {
    expect(text(read('idle-timeout:after=10s,chance=0.25').sse)).toContain('25 % of connections');
    expect(text(read('refuse:').websocket)).toMatch(/^Refused \| At once/);
    // Somebody listens for the others, and resets these.
    expect(text(read('refuse:chance=0.5').websocket)).toMatch(/^RST, never opens, 50 % of connections/);
    expect(notInOutcomes(steps('error-status:+close-after:time=0s,bytes=1MiB+nginx-tuned'))).toEqual([
      'error-status',
      'close-after',
    ]);
    expect(notInOutcomes(steps('half-close:dir=up+half-close:'))).toEqual(['half-close']);
    for (const preset of presets) expect(notInOutcomes(steps(preset.id)), preset.id).toEqual([]);
  });

  it('invents nothing: what the documents do not tell is unknown, what they deny is not, and FIN is marked as assumed', () => {
    expect(read('netlify').sse).toMatchObject({ fate: 'ends', end: { when: { on: 'age' } } });
    expect(read('render').websocket).toMatchObject({ fate: 'unknown', silent: 'Unknown', cure: 'Unknown' });
    expect(read('fly').sse.fate).toBe('lives');
    expect(read('caddy').sse.fate).toBe('lives');
    expect(text(read('aws-alb').sse)).toContain('assumed');
    expect(text(read('aws-alb').websocket)).toContain('assumed');
    expect(text(read('ngrok')['long-polling'])).toContain('assumed');
    expect(text(read('aws-alb')['long-polling'])).not.toContain('assumed');
    expect(text(read('corporate-no-upgrade').sse)).toContain('assumed');
    expect(text(read('nginx-tuned').sse)).not.toContain('assumed');
    expect(outcomesOf(null, null).map((o) => o.fate)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
  });

  it('says what the engine does where policy names told otherwise', () => {
    const held = read('lighttpd-read-timeout').sse;
    expect(text(held)).toMatch(
      /^404 Not Found \| At once, from the status; EventSource gives up; events come at its end/,
    );
    // What is held back to its end may be kept alive, and yet shows nothing.
    expect(read('mitmproxy').sse.cure).toBe('Long polling: a stream shows nothing here');
    // Only a stream without a head gets what a poll gets.
    expect(read('http-lifetime:held=poll').sse.mark).toBe('FIN');
    // The connection is as old as it is, however short its polls are.
    expect(read('close-after:')['long-polling'].cure).toMatch(/^None: its connection/);
    expect(text(read('refuse:how=hang').sse)).toMatch(/^Silence, nothing gets through/);
    expect(text(read('http-idle-timeout:poll=503+black-hole:').sse)).toMatch(/^503, never opens \| After 60 s/);
    expect(read('http-proxy+idle-timeout:after=10s')['long-polling'].mark).toBe('502');
  });

  it('finds words for every preset', () => {
    for (const preset of presets) {
      for (const o of Object.values(read(preset.id))) {
        for (const word of [o.mark + o.silent, o.notice, o.cure]) {
          expect(word, `${preset.id} ${o.method}`).toMatch(/\S/);
          expect(word, `${preset.id} ${o.method}`).not.toMatch(/undefined|NaN|null/);
        }
      }
    }
  });

  it('sums it up for the list', () => {
    const sum = (id: string): string => {
      const preset = PRESETS[id]!;
      return shortestLimit({ ...preset, key: id, via: id, preset });
    };
    expect([sum('haproxy'), sum('caddy'), sum('gcp-https-lb'), sum('linux-conntrack'), sum('vercel')]).toEqual([
      '50 s',
      'none',
      'age 30 s',
      '5 d',
      'age 5 min',
    ]);
  });
});

describe('the boxes of a path', () => {
  const boxes = (via: string): string[] => pathBoxes(steps(via)).shown;

  it('say what each step does, and leave out what changes nothing for a client', () => {
    expect(boxes('nginx-tuned')).toEqual(['Idle limit 60 s, 504']);
    expect(boxes('gcp-https-lb')).toEqual(['Ends at 30 s, 502']);
    expect(boxes('slow-line')).toEqual(['150 ms later', '32 KiB/s']);
    expect(boxes('apache')).toEqual(['Idle limit 5 min, 502', 'No Upgrade']);
    expect(boxes('traffic-server')).toContain('Upgrade blocked');
    expect(boxes('aws-api-gateway-websocket')).toContain('WebSocket only');
    expect(boxes('http-proxy+keep-alive:')).toEqual(['Passes everything on']);
    expect(boxes('error-status:+slow-close:')).toEqual(['Error status', 'Slow close']);
    expect(boxes('write-timeout:')).toEqual(['No writes after 60 s']);
  });
});

describe('the sketch of a quiet channel', () => {
  it('cuts on the left what is silent, and saves it on the right', () => {
    const sketch = sketchOf(Object.values(read('nginx-tuned')))!;
    expect(sketch).toMatchObject({ axisMs: 120_000, heartbeatMs: 30_000 });
    const sse = sketch.rows.find((r) => r.method === 'sse')!;
    expect(sse.quiet.cuts).toEqual([{ at: 0.6, mark: 'FIN' }]);
    expect(sse.withHeartbeat.cuts).toEqual([]);
    expect(sse.withHeartbeat.heartbeats.length).toBeGreaterThan(1);
    expect(sketch.rows.find((r) => r.method === 'websocket')!.quiet.cuts[0]!.mark).toBe('1006');
  });

  it('shows no event where it is kept back, and shows it with the next heartbeat where that brings it along', () => {
    const row = (id: string) => sketchOf(Object.values(read(id)))!.rows.find((r) => r.method === 'sse')!;
    expect(row('varnish-gzip').quiet.ticks).toEqual([]);
    expect(row('haproxy-gzip').quiet.ticks).toEqual([]);
    expect(row('haproxy-gzip').withHeartbeat.ticks).toHaveLength(1);
  });

  it('says in words where nothing gets through', () => {
    const words = Object.fromEntries(
      sketchOf(Object.values(read('refuse:lanes=sse+upgrade:+idle-timeout:after=10s')))!.rows.map((r) => [
        r.method,
        r.quiet.label,
      ]),
    );
    expect(words).toEqual({
      'short-polling': '',
      'long-polling': '',
      sse: 'nothing gets through',
      websocket: 'never opens',
    });
  });

  it('cuts on both sides where only the age counts, and draws nothing where nothing is cut', () => {
    const sse = sketchOf(Object.values(read('gcp-https-lb')))!.rows.find((r) => r.method === 'sse')!;
    expect(sse.withHeartbeat.cuts).toEqual(sse.quiet.cuts);
    expect(sse.quiet.cuts).toHaveLength(1);
    expect(sketchOf(Object.values(read('direct')))).toBeNull();
  });

  it('writes an axis in one unit', () => {
    expect([0, 0.25, 0.5, 1].map((q) => axisLabel(q * 600_000, 600_000))).toEqual(['0', '2.5 min', '5 min', '10 min']);
    expect([0.25, 0.5].map((q) => axisLabel(q * 700_000, 700_000))).toEqual(['175 s', '350 s']);
    expect([durationLabel(10_000), durationLabel(350_000), durationLabel(240_000), durationLabel(432_000_000)]).toEqual(
      ['10 s', '350 s', '4 min', '5 d'],
    );
  });
});
