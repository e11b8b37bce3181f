import { isPolicy } from './http/policy.ts';
import type { AppliedStep } from './tcp/pipeline.ts';

/** Bytes, then an intermediary, then bytes again, and so on to the origin. */
export interface Layers {
  /** Byte faults before each intermediary, and those after the last: one more than there are intermediaries. */
  byteFaults: readonly (readonly AppliedStep[])[];
  /** What each intermediary does, nearest the client first. */
  intermediaries: readonly (readonly AppliedStep[])[];
}

/**
 * A preset brings an intermediary of its own, in the place of an `http-proxy` alone where one stands there. A policy alone
 * belongs to the intermediary before it; behind a byte fault, or as a second `http-proxy`, it is another one.
 */
export function layersOf(steps: readonly AppliedStep[]): Layers {
  const byteFaults: AppliedStep[][] = [[]];
  const intermediaries: AppliedStep[][] = [];
  for (const step of steps) {
    const current = byteFaults.at(-1)!.length === 0 ? intermediaries.at(-1) : undefined;
    if (!isPolicy(step.fault)) byteFaults.at(-1)!.push(step);
    else if (current && joinsIntermediary(step, current)) current.push(step);
    else {
      intermediaries.push([step]);
      byteFaults.push([]);
    }
  }
  return { byteFaults, intermediaries };
}

/** The byte faults at one place of a connection that was opened through so many intermediaries; those too many go last. */
export function faultsAt({ byteFaults }: Layers, position: number, intermediaries: number): readonly AppliedStep[] {
  return position < intermediaries ? (byteFaults[position] ?? []) : byteFaults.slice(position).flat();
}

function joinsIntermediary(step: AppliedStep, current: readonly AppliedStep[]): boolean {
  if (step.preset === 'first') return current.every((s) => isHttpProxy(s) && s.preset === undefined);
  return step.preset === 'other' || !isHttpProxy(step) || !current.some(isHttpProxy);
}

const isHttpProxy = (step: AppliedStep): boolean => step.fault.definition.id === 'http-proxy';
