import { stepsOf } from '../../../src/shared/path/spec.ts';
import { assumedOf, describePath } from '../../../src/shared/path/describe.ts';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/shared/failure.ts';
import { PRESETS } from '../../../src/shared/path/presets/index.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';

/** A path with what follows from it. */
function resolve(...texts: string[]) {
  const spec = resolveVia(texts);
  return { spec, steps: stepsOf(spec), ...describePath(spec) };
}

function failure(...texts: string[]): Failure {
  try {
    resolveVia(texts);
  } catch (e) {
    if (e instanceof Failure) return e;
  }
  throw new Error(`${texts.join(' ')} was accepted`);
}

describe('presets', () => {
  it.each(Object.entries(PRESETS))('%s stands for faults that exist, and comes out as it was typed', (id, preset) => {
    const resolved = resolve(id);
    expect(preset.id).toBe(id);
    expect(preset.source).not.toBe('');
    expect(preset.what).toMatch(/\.$/);
    expect(resolved.via).toEqual(id === 'direct' ? [] : [id]);
    expect(resolved.label.startsWith(preset.label)).toBe(true);
    expect(resolved.steps).toEqual(resolve(preset.via).steps);
    expect(resolved.spec.map((item) => item.preset)).toEqual(id === 'direct' ? [] : [id]);
  });
});

describe('what is known of the real thing', () => {
  const facts = Object.values(PRESETS).filter((p) => p.kind !== 'built-in');

  it('stands beside every preset of one: its timer, what the origin sees, HTTP/2; null is unknown, never 0', () => {
    expect(facts.length).toBe(88);
    for (const { id, kind, timerOffsetMs, originSees, http2 } of facts) {
      expect([timerOffsetMs, originSees, http2], id).not.toContain(undefined);
      if (kind === 'measured') expect(timerOffsetMs, id).toHaveLength(2);
      else expect(timerOffsetMs, id).toBeNull();
    }
    expect(PRESETS['tinyproxy']).toMatchObject({ timerOffsetMs: [0, 200], originSees: 'FIN' });
    expect(PRESETS['squid-client-lifetime']!.timerOffsetMs).toEqual([-500, 1600]);
    expect(PRESETS['haproxy']).toMatchObject({ originSees: 'RST', http2: expect.stringMatching(/END_STREAM, as if/) });
    expect(PRESETS['apache']!.http2).toContain('RST_STREAM (INTERNAL_ERROR)');
    expect(PRESETS['aws-nlb']).toMatchObject({ originSees: null, http2: expect.stringMatching(/unread/) });
    expect(PRESETS['direct']).not.toHaveProperty('timerOffsetMs');
  });

  it('says in a field what its source says is assumed or from memory', () => {
    for (const { id, source, kind, assumed = [], fromMemory = [] } of facts) {
      if (/assumed/.test(source)) expect(assumed, id).not.toEqual([]);
      if (/memory/.test(source)) expect(fromMemory, id).not.toEqual([]);
      if (kind === 'from memory') expect(fromMemory, id).toContain('limit');
      if (kind === 'measured') expect([assumed, fromMemory], id).toEqual([[], []]);
    }
    for (const id of ['home-nat', 'home-nat-short', 'mobile-nat', 'mobile-nat-aggressive'])
      expect(PRESETS[id]!.kind).toBe('from memory');
  });

  it('marks the steps of which the end is only assumed, and none that was typed', () => {
    const assumed = (text: string) => resolveVia([text]).map(assumedOf);
    expect(assumed('aws-alb')[0]![0]).toEqual(['sse', 'websocket']);
    expect(assumed('aws-alb:idle-timeout=3s')[0]![0]).toEqual(['sse', 'websocket']);
    expect(assumed('aws-alb:http-idle-timeout.ws=rst')[0]![0]).toEqual(['sse']);
    expect(assumed(PRESETS['aws-alb']!.via).flat(2)).toEqual([]);
    expect(assumed('nginx-tuned').flat(2)).toEqual([]);
  });
});

describe('resolving a path', () => {
  it('is direct when nothing is said', () => {
    for (const texts of [[], ['direct'], ['']]) {
      expect(resolveVia(texts)).toEqual([]);
      expect(describePath(resolveVia(texts))).toEqual({ via: [], label: 'Direct', idleLimitMs: null });
    }
  });

  it('reads faults, fills in defaults and writes the shortest spelling', () => {
    const path = resolve('latency:delay=100ms,jitter=20ms+idle-timeout:after=10s,end=rst', 'slice:');
    expect(path.via).toEqual(['latency:jitter=20ms+idle-timeout:after=10s,end=rst', 'slice:']);
    expect(path.steps.map((f) => f.name)).toEqual(['latency', 'idle-timeout', 'slice']);
    expect(path.steps[1]!.params).toMatchObject({ after: 10_000, end: 'rst' });
    expect(path.idleLimitMs).toBe(10_000);
    expect(path.label).toBe('latency 100 ms ± 20 ms + idle limit 10 s + 64 B slices every 10 ms');
    expect(resolve(...path.via)).toEqual(path);
  });

  it('takes the shortest of several idle limits', () => {
    expect(resolve('idle-timeout:after=20s', 'haproxy-tcp', 'idle-timeout:after=30s').idleLimitMs).toBe(20_000);
  });

  it('lets a preset be changed in place, in its main param or any other', () => {
    const path = resolve('haproxy-tcp:idle-timeout=3s,idle-timeout.end=rst');
    expect(path.steps[0]).toMatchObject({ name: 'idle-timeout', params: { after: 3000, end: 'rst' } });
    expect(path.label).toBe('HAProxy, mode tcp, idle limit 3 s');
    expect(path.via).toEqual(['haproxy-tcp:idle-timeout=3s,idle-timeout.end=rst']);
    expect(resolve(...path.via)).toEqual(path);
    // and the preset itself is as it was
    expect(resolve('haproxy-tcp').idleLimitMs).toBe(50_000);
  });

  it('knows the idle limit of an HTTP path by the short name too', () => {
    const path = resolve('nginx-tuned:idle-timeout=3s,buffer=until-end');
    expect(path.idleLimitMs).toBe(3000);
    expect(path.label).toBe('nginx, set up for streams, idle limit 3 s');
    expect(path.via).toEqual(['nginx-tuned:http-idle-timeout=3s,buffer=until-end']);
    expect(resolve(...path.via)).toEqual(path);
  });

  it('closes after bytes without a limit of age', () => {
    const path = resolve('close-after:bytes=1KiB');
    expect(path.steps[0]!.params).toMatchObject({ bytes: 1024, time: 0 });
    expect(resolve(...path.via)).toEqual(path);
  });

  it('names who is struck when not everyone is', () => {
    expect(resolve('latency:lanes=sse,chance=0.5').label).toBe('latency 100 ms (SSE only) (50 % of connections)');
  });

  it.each([
    ['haproxy-tpc', 'unknown-preset', /haproxy-tcp/],
    ['latncy:delay=1s', 'unknown-preset', /latency/],
    ['constructor', 'unknown-preset', /./],
    ['nginx-defualt', 'unknown-preset', /nginx-default/],
    ['latency:dealy=1s', 'unknown-param', /delay/],
    ['latency:constructor=1s', 'unknown-param', /./],
    ['latency:delay=5x', 'bad-duration', /10s/],
    ['latency:delay=-5s', 'bad-duration', /10s/],
    ['latency:delay=100h', 'bad-param', /between/],
    ['idle-timeout:end=fun', 'bad-param', /fin, rst/],
    ['refuse:chance=2', 'bad-param', /between 0 and 1/],
    ['error-status:first=1.5', 'bad-param', /Give 1 or 2/],
    ['error-status:every=2.5', 'bad-param', /Give 2 or 3/],
    ['retry:times=0.5', 'bad-param', /Give 0 or 1/],
    ['aws-nlb:latency=1s', 'unknown-param', /idle-timeout/],
    ['direct:idle-timeout=1s', 'unknown-param', /nothing/],
    ['latency:delay', 'bad-via', /key=value/],
    ['La tency', 'bad-via', /preset/],
  ])('says what is wrong with %s and what would do', (text, code, hint) => {
    const f = failure('slice:', text);
    expect(f.code).toBe(code);
    expect(f.exit).toBe(2);
    expect(f.place).toMatch(/^--via/);
    expect(f.hint).toMatch(hint);
  });
});
