import { COMMON_PARAMS } from './common-params.ts';
import { DEFINITIONS } from './definitions.ts';
import { formatParam } from './params.ts';
import { PRESETS } from './presets/index.ts';
import type { UnsourcedFact } from './presets/preset.ts';
import { durationText } from './quantity-text.ts';
import { presetSteps } from './resolve.ts';
import { stepsOf, type PathItem, type PathSpec, type PathStep } from './spec.ts';
import { formatFault, overrideKey } from './text.ts';

/** A path in words and figures, as observations and snapshots have it. */
export interface PathDescription {
  via: string[];
  label: string;
  idleLimitMs: number | null;
}

export const describePath = (path: PathSpec): PathDescription => ({
  via: spellPath(path),
  label: pathLabel(path),
  idleLimitMs: shortestLimit(stepsOf(path)),
});

/** A path as one would type it after --via, in the shortest spelling: a text for each that was typed. */
export function spellPath(path: PathSpec): string[] {
  const texts: string[] = [];
  for (const item of path) {
    if (item.joined && texts.length > 0) texts.push(`${texts.pop()}+${spellItem(item)}`);
    else texts.push(spellItem(item));
  }
  return texts;
}

/** What differs from a preset is kept, each value under one spelling. */
function spellItem({ preset, steps }: PathItem): string {
  if (preset === undefined) return steps.map((step) => formatFault(DEFINITIONS[step.name]!, step.params)).join('+');
  const base = presetSteps(PRESETS[preset]!);
  const changes = steps.flatMap(({ name, params }, i) => {
    const definition = DEFINITIONS[name]!;
    return Object.entries(definition.params)
      .filter(([key]) => params[key] !== base[i]!.params[key])
      .map(([key, param]) => `${overrideKey(definition, key)}=${formatParam(param, params[key]!)}`);
  });
  return changes.length > 0 ? `${preset}:${changes.join(',')}` : preset;
}

/** `Direct`, `idle limit 10 s`, `AWS NLB, idle limit 350 s`. */
const pathLabel = (path: PathSpec): string => path.map(itemLabel).join(' + ') || 'Direct';

function itemLabel({ preset, steps }: PathItem): string {
  if (preset === undefined) return steps.map(stepLabel).join(' + ');
  const limit = shortestLimit(steps);
  const { label } = PRESETS[preset]!;
  return limit === null ? label : `${label}, idle limit ${durationText(limit)}`;
}

function stepLabel({ name, params }: PathStep): string {
  const { lanes, chance } = params;
  return [
    DEFINITIONS[name]!.summary(params),
    lanes !== 'all' && `(${COMMON_PARAMS.lanes.options[lanes]} only)`,
    chance < 1 && `(${Math.round(chance * 1000) / 10} % of connections)`,
  ]
    .filter(Boolean)
    .join(' ');
}

/** The shortest of the idle limits; null when there is none. */
function shortestLimit(steps: readonly PathStep[]): number | null {
  const limits = steps.flatMap(({ name, params }) => DEFINITIONS[name]!.idleLimitMs?.(params) ?? []);
  return limits.length > 0 ? Math.min(...limits) : null;
}

/** The param that says how a step ends the connections of a method. */
const END_PARAM: Partial<Record<UnsourcedFact, string>> = { 'long-polling': 'poll', sse: 'stream', websocket: 'ws' };

/** What of each step of a preset is only assumed, by its sources; what was changed is meant. */
export function assumedOf({ preset, steps }: PathItem): UnsourcedFact[][] {
  if (preset === undefined) return steps.map(() => []);
  const { assumed = [] } = PRESETS[preset]!;
  const base = presetSteps(PRESETS[preset]!);
  return steps.map(({ params }, i) =>
    assumed.filter((fact) => {
      const value = params[END_PARAM[fact] ?? ''];
      return value !== undefined && value === base[i]!.params[END_PARAM[fact]!];
    }),
  );
}
