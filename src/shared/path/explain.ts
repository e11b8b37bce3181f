import { METHODS, type Method } from '../catalog.ts';
import { curesOf } from './cures.ts';
import type { PathStep } from './spec.ts';
import { DEFINITIONS } from './definitions.ts';
import type { End, Trigger } from './effect.ts';
import { holdOf } from './holds.ts';
import { metEffects, type MetEffect } from './met-effects.ts';
import type { Activity, Cure, Outcome, PathEnd } from './outcome.ts';
import type { PresetInfo } from './presets/preset.ts';

/**
 * What a path does to a method: the first end counts.
 * @param steps nearest the client first
 * @param preset where they come from unchanged: what its sources leave open stays unknown
 */
export function explainPath(
  steps: readonly PathStep[],
  method: Method,
  activity: Activity = 'quiet',
  preset: PresetInfo | null = null,
): Outcome {
  const met = metEffects(steps, method);
  const hold = holdOf(met);
  const ends = endsOf(met, method, preset)
    .filter(({ when }) => acts(when, method, activity))
    .map((end) => (end.when.on === 'write' && activity === 'quiet' ? { ...end, afterMs: null } : end))
    .sort((a, b) => (a.afterMs ?? Infinity) - (b.afterMs ?? Infinity));
  const end = ends.find(isBlock) ?? ends[0] ?? null;
  const stale = met.flatMap(({ effect }) => (effect.kind === 'stale' ? effect : []))[0] ?? null;
  const common = { method, activity, end, hold, stale };
  if (end && isBlock(end)) {
    const others = METHODS.filter((m) => !endsOf(metEffects(steps, m), m, null).some(isBlock));
    const only = others.length === 1 ? others[0]! : null;
    const cure: Cure = others.length > 0 ? { by: 'another-method', method: only } : { by: 'none', why: 'blocked' };
    return { ...common, fate: 'blocked', cures: [cure], lasts: null };
  }
  const fate = end ? 'ends' : isUnknown(method, preset) ? 'unknown' : 'lives';
  return { ...common, fate, ...curesOf(method, activity, ends, hold) };
}

/** The steps of which no outcome tells: they act by more than silence, age and method. */
export const unpredictedSteps = (steps: readonly PathStep[]): PathStep[] =>
  steps.filter(({ name, params }) => {
    const explain = DEFINITIONS[name]?.explain;
    return !explain || METHODS.some((method) => explain(method, params).some(({ kind }) => kind === 'unpredicted'));
  });

const isBlock = ({ when }: End): boolean => when.on === 'open';

function endsOf(met: readonly MetEffect[], method: Method, preset: PresetInfo | null): PathEnd[] {
  const retries = met.map(({ effect }) => (effect.kind === 'repeats' ? effect.times : 0));
  const heldHead = holdOf(met)?.head === 'as-body';
  return met.flatMap(({ effect, share, http }, i): PathEnd[] => {
    if (effect.kind !== 'end') return [];
    const { when, seesHeld } = effect;
    // A stream is answered at once, so that only a held poll is ever asked for again.
    const tries = http && when.on === 'silence' && method === 'long-polling' ? 1 + Math.max(0, ...retries) : 1;
    const sees = heldHead && seesHeld !== undefined ? seesHeld : effect.sees;
    const assumed = sees === 'fin' && (preset?.assumed ?? []).some((fact) => fact === method);
    const [soonest, latest] = effect.offsetMs ?? [0, 0];
    const offsetMs = [soonest * tries, latest * tries + (http ? delayBefore(met.slice(0, i)) : 0)] as const;
    return [{ ...effect, sees, afterMs: when.ms * tries, offsetMs, share, tries, assumed }];
  });
}

/** How much later what an intermediary does reaches the client, its request having come later too. */
const delayBefore = (met: readonly MetEffect[]): number =>
  met.reduce(
    (ms, { effect: e }) => ms + (e.kind === 'slow' ? (e.ms ?? 0) * (e.dir === 'both' && !e.of ? 2 : 1) : 0),
    0,
  );

/** Whether it comes in this activity at all. */
function acts(when: Trigger, method: Method, activity: Activity): boolean {
  // A short poll is over at once.
  if (method === 'short-polling') return when.on === 'open';
  if (activity === 'quiet') return true;
  switch (when.on) {
    case 'open':
      return true;
    case 'silence':
      // Whoever gets an event by a poll asks again.
      return when.resetBy === 'up' && method !== 'long-polling';
    case 'age':
      return when.of === 'connection' || method !== 'long-polling';
    case 'write':
      return method !== 'long-polling';
  }
}

/** Nothing ends it here, and its documents give no limit that could be played. */
const isUnknown = (method: Method, preset: PresetInfo | null): boolean =>
  method !== 'short-polling' &&
  (preset?.kind === 'documented' || preset?.kind === 'from memory') &&
  preset.noIdleLimit !== true;
