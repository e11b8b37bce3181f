import { METHOD_KIND, type Method } from '../catalog.ts';
import type { PathStep } from './spec.ts';
import { DEFINITIONS } from './definitions.ts';
import type { Effect, End, Relay } from './effect.ts';

/** An effect as a lane meets it on a whole path. */
export interface MetEffect {
  effect: Effect;
  /** Of all connections, from 0 to 1. */
  share: number;
  /** An HTTP intermediary does it. */
  http: boolean;
}

/** Everything the steps do to a method, nearest the client first. */
export const metEffects = (steps: readonly PathStep[], method: Method): MetEffect[] =>
  steps.flatMap((step, i) =>
    stepEffects(step, method).map((effect) => ({
      effect:
        effect.kind === 'end' && !isHttp(step) ? relayed(effect, steps.slice(0, i).filter(isHttp), method) : effect,
      share: step.params.chance,
      http: isHttp(step),
    })),
  );

/** By its definition; nothing where it is meant for other lanes. */
function stepEffects({ name, params }: PathStep, method: Method): readonly Effect[] {
  const meant = (params.lanes === 'all' || params.lanes === method) && params.chance > 0;
  return (meant && DEFINITIONS[name]?.explain?.(method, params)) || [];
}

const isHttp = ({ name }: PathStep): boolean => DEFINITIONS[name]?.layer === 'http';

/** What ends the connection behind intermediaries reaches the client as they have it. */
function relayed(end: End, before: readonly PathStep[], method: Method): End {
  if (before.length === 0) return end;
  const { when, sees, sending: _, ...rest } = end;
  if (sees === 'silence') {
    if (when.on === 'open') return unanswered(before, end);
    // What comes after a request is the next one; in a tunnel it goes through.
    return method === 'websocket' ? end : { ...end, sending: 'nothing' };
  }
  const waiting = when.on === 'open' || METHOD_KIND[method] === 'poll';
  const relay = before.flatMap((step) => stepEffects(step, method)).find((e) => e.kind === 'relay');
  const { waiting: answer, fin, rst } = relay ?? defaultRelay(method);
  const shown = waiting ? answer : sees === 'rst' ? rst : fin;
  // A kept connection that ended between two requests is replaced by another.
  const age = when.on === 'age' && waiting ? { ...when, of: 'request' as const } : when;
  return { ...rest, when: age, sees: shown ?? 'silence', ...(shown === null && { sending: 'nothing' as const }) };
}

const defaultRelay = (method: Method): Relay => ({
  kind: 'relay',
  waiting: 'status:502',
  fin: 'fin',
  rst: method === 'websocket' ? 'rst' : 'fin',
});

/** An origin that is never heard makes a waiting request of any. */
function unanswered(before: readonly PathStep[], silence: End): End {
  const ends = before.flatMap((step) => stepEffects(step, 'long-polling')).flatMap((e) => (e.kind === 'end' ? e : []));
  const first = ends.filter(({ when }) => when.on !== 'write').sort((a, b) => a.when.ms - b.when.ms)[0];
  return first ? { ...first, when: { on: 'open', ms: first.when.ms } } : { ...silence, sending: 'nothing' };
}
