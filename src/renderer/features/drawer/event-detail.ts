/** An observation as somebody wants to read all of it: what it was, what it carried, what stood around it. */
import type { Observation } from '../../../shared/observation.ts';
import type { RunModel } from '../../model/run-model.ts';
import { bytes, clockFine, span, UNKNOWN } from '../../ui/format.ts';

export interface EventDetail {
  title: string;
  facts: [label: string, value: string][];
  /** The payload as it came; null where there is none, or it was not kept. */
  payload: string | null;
  /** The payload as data; undefined where it is no JSON. */
  json: unknown;
  /** The head of the request and of the response that it came by; null where they are no longer kept. */
  request: string | null;
  response: string | null;
}

export function eventDetail(run: RunModel, o: Observation): EventDetail {
  const payload = o.type === 'event' ? (o.data ?? null) : null;
  return {
    title: o.type === 'event' ? o.event : o.type,
    facts: factsOf(o, run.startedAt),
    payload,
    json: payload === null ? undefined : jsonOf(payload),
    request: headBefore(run, o, 'out'),
    response: headBefore(run, o, 'in'),
  };
}

function factsOf(o: Observation, startedAt: number): [string, string][] {
  const at: [string, string] = [
    'Received',
    `${clockFine(o.at - startedAt, 2)} of the run, ${new Date(o.at).toISOString()}`,
  ];
  if (o.type !== 'event') {
    const { v: _v, n: _n, at: _at, lane: _lane, type: _type, ...rest } = o;
    return [at, ...Object.entries(rest).map(([name, value]): [string, string] => [name, textOf(value)])];
  }
  const how = o.duplicate ? 'seen before' : o.replayed ? 'published before this lane opened' : span(o.latency);
  return [
    at,
    ['Cursor', o.cursor ?? UNKNOWN],
    ['Id', o.id ?? 'none'],
    ['Latency', o.latency === null && !o.duplicate && !o.replayed ? 'cannot know' : how],
    ['Size', bytes(o.bytes)],
  ];
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The nearest head before it on its lane. */
function headBefore(run: RunModel, o: Observation, dir: 'in' | 'out'): string | null {
  const what = dir === 'out' ? 'request' : 'response';
  const found = run.wire.items.findLast(
    (w) => w.type === 'wire' && w.lane === o.lane && w.n <= o.n && w.dir === dir && w.what === what,
  );
  return found?.type === 'wire' ? found.text.trimEnd() : null;
}
