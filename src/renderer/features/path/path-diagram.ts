import { METHODS, type Method } from '../../../shared/catalog.ts';
import type { PathStep } from '../../../shared/path/spec.ts';
import { DEFINITIONS } from '../../../shared/path/definitions.ts';
import type { Effect, End } from '../../../shared/path/effect.ts';
import { bytes } from '../../ui/format.ts';
import { durationLabel } from '../../ui/duration-label.ts';

const MAX_BOXES = 4;

/**
 * The boxes between client and server, nearest the client first; a step that changes nothing for a client has none.
 * @returns at most five; `rest` are the ones for which there was no room
 */
export function pathBoxes(steps: readonly PathStep[]): { shown: string[]; rest: string[] } {
  const named = steps.flatMap((step) => boxLabel(step) ?? []);
  if (named.length === 0 && steps.length > 0) return { shown: ['Passes everything on'], rest: [] };
  return named.length <= MAX_BOXES + 1
    ? { shown: named, rest: [] }
    : { shown: named.slice(0, MAX_BOXES), rest: named.slice(MAX_BOXES) };
}

/** What shows only once something else goes wrong. */
const LATENT: readonly Effect['kind'][] = ['relay', 'repeats'];

function boxLabel({ name, params }: PathStep): string | null {
  const definition = DEFINITIONS[name];
  if (!definition?.explain) return definition?.label ?? name;
  const met = METHODS.flatMap((method) =>
    definition.explain!(method, params).map((effect): [Method, Effect] => [method, effect]),
  ).filter(([, { kind }]) => !LATENT.includes(kind));
  if (met.length === 0) return null;
  const ends = met.flatMap(([method, effect]): [Method, End][] => (effect.kind === 'end' ? [[method, effect]] : []));
  if (ends.length > 0) return endBox(ends) ?? definition.label;
  const slow = met.map(([, effect]) => effect).find((effect) => effect.kind === 'slow');
  if (slow?.bytesPerSecond !== undefined) return `${bytes(slow.bytesPerSecond)}/s`;
  return slow?.ms !== undefined && slow.of === undefined ? `${durationLabel(slow.ms)} later` : definition.label;
}

/** For all methods in one; null where the label of the step says as much. */
function endBox(ends: readonly [Method, End][]): string | null {
  const of = (method: Method): End | undefined => ends.find(([m]) => m === method)?.[1];
  const { when } = of('sse') ?? ends[0]![1];
  const span = durationLabel(when.ms);
  const poll = of('long-polling')?.sees;
  const status = poll?.startsWith('status:') ? `, ${poll.slice('status:'.length)}` : '';
  switch (when.on) {
    case 'silence':
      return `Idle limit ${span}${status}`;
    case 'age':
      return `Ends at ${span}${status}`;
    case 'write':
      return `No writes after ${span}`;
    case 'open':
      if (!of('websocket')) return 'WebSocket only';
      return of('sse') ? null : of('websocket')!.sees === null ? 'No Upgrade' : 'Upgrade blocked';
  }
}
