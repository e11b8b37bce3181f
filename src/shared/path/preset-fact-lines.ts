import { METHOD_LABEL, type Method } from '../catalog.ts';
import type { UnsourcedFact, PresetFacts } from './presets/preset.ts';

/** One fact of a preset, for people: what it is about, and what is known. */
export interface PresetFactLine {
  about: string;
  known: string;
}

const UNKNOWN = 'unknown';
const UNSOURCED_LABELS: Partial<Record<UnsourcedFact, string>> = {
  limit: 'its limit',
  buffering: 'how it buffers',
  upgrade: 'what becomes of the Upgrade',
};

/** What is known of the real thing, line by line; nothing for a path that stands for none. Unknown is said, never 0. */
export function presetFactLines(facts: PresetFacts): PresetFactLine[] {
  const { timerOffsetMs, originSees, http2, reload, gzipSse, etag, assumed = [], fromMemory = [] } = facts;
  const lines: PresetFactLine[] = [];
  const add = (about: string, known: string | null | undefined): void => {
    if (known !== undefined) lines.push({ about, known: known ?? UNKNOWN });
  };
  add('Timer against its limit', timerOffsetMs && offsetText(timerOffsetMs));
  add('The server sees', originSees);
  add('HTTP/2 clients', http2);
  add('Reload', reload);
  add('Compressed streams', gzipSse);
  add('ETag', etag);
  if (assumed.length > 0) lines.push({ about: 'Assumed', known: unsourcedText(assumed) });
  if (fromMemory.length > 0) lines.push({ about: 'From memory', known: unsourcedText(fromMemory) });
  return lines;
}

function offsetText([least, most]: readonly [number, number]): string {
  const late = `${most} ms late`;
  return least < 0 ? `${-least} ms early to ${late}` : `${least} to ${late}`;
}

function unsourcedText(facts: readonly UnsourcedFact[]): string {
  const ends = facts.filter((f): f is UnsourcedFact & Method => f in METHOD_LABEL).map((f) => METHOD_LABEL[f]);
  const rest = facts.flatMap((f) => UNSOURCED_LABELS[f] ?? []);
  return [...(ends.length > 0 ? [`how it ends ${joinWithAnd(ends)}`] : []), ...rest].join('; ');
}

const joinWithAnd = (items: readonly string[]): string =>
  items.length < 2 ? items.join('') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
