import { stepsOf } from '../../src/shared/path/spec.ts';
import { describe, expect, it } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { COMMON_PARAMS } from '../../src/shared/path/common-params.ts';
import type { Definition } from '../../src/shared/path/definition.ts';
import { DEFINITIONS } from '../../src/shared/path/definitions.ts';
import { PRESETS } from '../../src/shared/path/presets/index.ts';
import { explainPath } from '../../src/shared/path/explain.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { disagreements } from './explain/checks.ts';
import { Trial } from './explain/trial.ts';

/** Limits short enough for many a try. */
const SHORT: Record<string, string> = {
  'idle-timeout': 'after=10s',
  'close-after': 'time=10s',
  'half-close': 'time=10s',
  'http-idle-timeout': 'after=10s',
  'http-lifetime': 'after=10s',
  'write-timeout': 'after=10s',
  cache: 'keeps=10s',
};

/** What the defaults and each value of a choice leave out. */
const TELLING: Record<string, readonly string[]> = {
  'idle-timeout': [
    'after=0s',
    'after=10s,lanes=sse',
    'after=10s,chance=0',
    ...['rst', 'silence', 'black-hole'].flatMap((end) =>
      ['up', 'down'].map((dir) => `after=10s,end=${end},dir=${dir}`),
    ),
  ],
  'close-after': ['time=0s'],
  'half-close': ['time=0s'],
  'black-hole': ['lanes=sse'],
  refuse: ['how=fin,lanes=websocket', 'chance=0'],
  latency: ['delay=2s', 'delay=0s'],
  bandwidth: ['rate=1KiB', 'rate=0B'],
  slice: ['size=8B', 'size=0B'],
  'http-idle-timeout': [
    'after=0s',
    'after=0s,websocket=20s',
    'after=10s,first-byte=20s,websocket=30s',
    'after=10s,early=1s,late=2s,lazy=300ms',
    'after=10s,late-least=1s,late-share=20',
    'after=10s,ws=none,poll=none',
    'after=10s,resets=up,ws=close-1001',
    'after=10s,resets=client,poll=fin',
  ],
  'http-lifetime': ['after=0s', 'after=10s,websocket=20s', 'after=0s,websocket=20s'],
  'write-timeout': ['after=0s'],
  upgrade: ['how=pass', 'how=pass,plain=426'],
  buffer: ['bytes=1KiB', 'hold=until-end,accel=honoured'],
  gzip: ['hold=body-until-end,accel=honoured', 'hold=one-behind,for=all', 'hold=one-behind,no-transform=honoured'],
  cache: ['keeps=0s', 'keeps=10s,control=ignored,empty=passed'],
  reload: ['every=0s'],
};

/** Steps that matter to each other: what is held back, what is asked again, what stands behind an intermediary. */
const TOGETHER = [
  ...['head', 'nothing', '404', 'poll'].map((held) => `http-idle-timeout:after=10s,held=${held}+buffer:hold=until-end`),
  'http-idle-timeout:after=10s,held=404+buffer:hold=first-byte',
  'http-lifetime:after=10s,held=poll,poll=503+buffer:hold=until-end',
  'http-lifetime:after=10s,held=poll,poll=503+gzip:hold=body-until-end',
  'http-idle-timeout:after=10s+http-lifetime:after=30s',
  'http-idle-timeout:after=30s+http-lifetime:after=10s',
  'http-idle-timeout:after=10s+idle-timeout:after=5s,dir=up',
  'idle-timeout:after=10s+idle-timeout:after=20s,dir=up',
  'idle-timeout:after=20s+close-after:time=30s',
  'write-timeout:after=20s+http-idle-timeout:after=10s',
  'write-timeout:after=10s+http-idle-timeout:after=20s',
  'retry:times=2+http-idle-timeout:after=10s',
  'retry:times=2+http-idle-timeout:after=10s,late=500ms,poll=fin',
  'retry:times=2,on=timeout+http-lifetime:after=15s+http-idle-timeout:after=10s',
  'buffer:accel=honoured+gzip',
  'gzip:accel=honoured+buffer:accel=honoured',
  'gzip:no-transform=honoured+buffer:accel=honoured',
  'gzip:hold=body-until-end+buffer:hold=first-byte',
  'buffer:hold=delay+gzip:hold=one-behind',
  'buffer:hold=first-byte+buffer:hold=one-behind',
  ...['fin', 'rst', 'black-hole', 'silence'].map((end) => `http-proxy+idle-timeout:after=10s,end=${end}`),
  'http-proxy+idle-timeout:after=10s,dir=down',
  'http-proxy:reuse=off+close-after:time=10s',
  'origin-dies:poll=504,fin=clean+idle-timeout:after=10s',
  'origin-dies:poll=rst,rst=hang+idle-timeout:after=10s,end=rst',
  'http-proxy+black-hole',
  'http-idle-timeout:after=10s,poll=503+black-hole',
  'http-proxy+refuse:how=fin',
  'origin-dies:poll=503+refuse:how=rst',
  'idle-timeout:after=10s+http-proxy',
  'latency:delay=1s+http-idle-timeout:after=10s',
  'slow-close:delay=2s+http-idle-timeout:after=10s',
];

const ACTIVITIES = ['quiet', 'busy'] as const;

/** As it comes, each value of each choice, and what tells more. */
function variants({ id, params }: Definition): string[] {
  const short = SHORT[id] === undefined ? [] : [SHORT[id]];
  const choices = Object.entries(params).flatMap(([key, param]) =>
    param.kind === 'choice' && !(key in COMMON_PARAMS)
      ? Object.keys(param.options).map((value) => `${key}=${value}`)
      : [],
  );
  const all = ['', ...choices.map((choice) => [...short, choice].join(',')), ...(TELLING[id] ?? [])];
  return all.map((values) => `${id}:${values}`);
}

/** All at once: what waits for a turn of the loop, or for a socket, waits together. */
const disagreementsOf = async (vias: readonly string[], activities: readonly ('quiet' | 'busy')[]): Promise<string[]> =>
  (
    await Promise.all(
      vias.flatMap((via) =>
        METHODS.flatMap((method) => activities.map((activity) => disagreements(via, method, activity))),
      ),
    )
  ).flat();

describe('the engine does what a definition explains', () => {
  it.each(Object.values(DEFINITIONS).filter(({ explain }) => explain))('$id', async (definition) => {
    expect(await disagreementsOf(variants(definition), ACTIVITIES)).toEqual([]);
  });

  it.each(TOGETHER)('%s', async (via) => expect(await disagreementsOf([via], ACTIVITIES)).toEqual([]));
});

describe('what strikes a share of connections', () => {
  it.each(['idle-timeout:after=10s,end=rst,chance=0.5', 'http-lifetime:after=10s,chance=0.5', 'refuse:chance=0.5'])(
    '%s: those it strikes end as explained, the others live',
    async (via) => {
      const { end } = explainPath(stepsOf(resolveVia([via])), 'sse');
      expect(end?.share).toBe(0.5);
      const seen = await Promise.all(
        Array.from({ length: 24 }, async (_, seed) => {
          const trial = await Trial.begin({ via, method: 'sse', seed });
          await trial.passTo(11_000);
          await trial.end();
          return trial.client.ended?.evidence ?? 'lives';
        }),
      );
      expect(new Set(seen)).toEqual(new Set([end?.sees, 'lives']));
    },
  );
});

describe('the engine does what a preset is explained to do', () => {
  it.each(Object.keys(PRESETS))('%s', async (id) => expect(await disagreementsOf([id], ACTIVITIES)).toEqual([]));
});
