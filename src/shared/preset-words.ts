import { METHOD_LABEL, type Method } from './catalog.ts';
import type { OpenFact, PresetFacts } from './params.ts';

/** One fact of a preset, for people: what it is about, and what is known. */
export interface FactWords {
  about: string;
  known: string;
}

const UNKNOWN = 'unknown';
const OPEN: Partial<Record<OpenFact, string>> = {
  limit: 'its limit',
  buffering: 'how it buffers',
  upgrade: 'what becomes of the Upgrade',
};

/** What is known of the real thing, line by line; nothing for a path that stands for none. Unknown is said, never 0. */
export function factWords(facts: PresetFacts): FactWords[] {
  const { timerOffsetMs, originSees, http2, reload, gzipSse, etag, assumed = [], fromMemory = [] } = facts;
  const words: FactWords[] = [];
  const say = (about: string, known: string | null | undefined): void => {
    if (known !== undefined) words.push({ about, known: known ?? UNKNOWN });
  };
  say('Timer against its limit', timerOffsetMs && offsetWords(timerOffsetMs));
  say('The server sees', originSees);
  say('HTTP/2 clients', http2);
  say('Reload', reload);
  say('Compressed streams', gzipSse);
  say('ETag', etag);
  if (assumed.length > 0) words.push({ about: 'Assumed', known: openWords(assumed) });
  if (fromMemory.length > 0) words.push({ about: 'From memory', known: openWords(fromMemory) });
  return words;
}

function offsetWords([least, most]: readonly [number, number]): string {
  const late = `${most} ms late`;
  return least < 0 ? `${-least} ms early to ${late}` : `${least} to ${late}`;
}

function openWords(facts: readonly OpenFact[]): string {
  const ends = facts.filter((f): f is OpenFact & Method => f in METHOD_LABEL).map((f) => METHOD_LABEL[f]);
  const rest = facts.flatMap((f) => OPEN[f] ?? []);
  return [...(ends.length > 0 ? [`how it ends ${listed(ends)}`] : []), ...rest].join('; ');
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
