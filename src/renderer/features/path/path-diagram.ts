import type { FaultSpec } from '../../../shared/path/params.ts';
import { bytes } from '../../ui/format.ts';
import { durationLabel } from '../../ui/duration-label.ts';

/** Steps that do not change what a client sees: left out of the diagram. */
const HIDDEN_STEPS = new Set(['http-proxy', 'keep-alive', 'client-leaves', 'origin-dies', 'soft-reset', 'retry']);
const MAX_BOXES = 4;

/**
 * The boxes between client and server, nearest the client first.
 * @returns at most five; `rest` are the ones for which there was no room
 */
export function pathBoxes(
  steps: readonly FaultSpec[],
  labelOf: (id: string) => string,
): { shown: string[]; rest: string[] } {
  const named = steps.filter((s) => !HIDDEN_STEPS.has(s.name)).map((s) => boxLabel(s) ?? labelOf(s.name));
  if (named.length === 0 && steps.length > 0) return { shown: ['Passes everything on'], rest: [] };
  return named.length <= MAX_BOXES + 1
    ? { shown: named, rest: [] }
    : { shown: named.slice(0, MAX_BOXES), rest: named.slice(MAX_BOXES) };
}

function boxLabel({ name, params }: FaultSpec): string | null {
  const span = durationLabel(Number(params['after'] ?? params['time'] ?? 0));
  const status = /^\d+$/.test(String(params['poll'])) ? `, ${params['poll']}` : '';
  switch (name) {
    case 'idle-timeout':
      return `Idle limit ${span}`;
    case 'http-idle-timeout':
      return `Idle limit ${span}${status}`;
    case 'http-lifetime':
      return `Ends at ${span}${status}`;
    case 'write-timeout':
      return `No writes after ${span}`;
    case 'latency':
      return `${durationLabel(Number(params['delay']))} later`;
    case 'bandwidth':
      return `${bytes(Number(params['rate']))}/s`;
    case 'upgrade':
      return params['how'] === 'pass' ? 'Upgrade passed' : params['how'] === 'strip' ? 'No Upgrade' : 'Upgrade blocked';
    case 'buffer':
      return params['hold'] === 'none' ? 'No buffering' : 'Buffers answers';
    default:
      return null;
  }
}
