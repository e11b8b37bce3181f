import { COMMON } from '../faults/common.ts';
import type { Fault } from '../faults/fault.ts';
import { FAULTS } from '../faults/index.ts';
import { POLICIES } from './http/policies.ts';
import { isPolicy } from './http/policy.ts';
import type { Stage } from './stretch.ts';

/** Everything a path can be made of, by name: what happens to bytes, and what happens to requests and answers. */
export const STEPS: Record<string, Fault> = {
  ...FAULTS,
  ...Object.fromEntries(POLICIES.map((policy) => [policy.id, { ...policy, params: { ...policy.params, ...COMMON } }])),
};

/** Bytes, then an intermediary, then bytes again, and so on to the origin. */
export interface Layers {
  /** Byte faults before each intermediary, and those after the last: one more than there are intermediaries. */
  bytes: readonly (readonly Stage[])[];
  /** What each intermediary does, nearest the client first. */
  intermediaries: readonly (readonly Stage[])[];
}

/**
 * A preset brings an intermediary of its own, in the place of an `http-proxy` alone where one stands there. A policy alone
 * is a habit of the intermediary before it; behind a byte fault, or as a second `http-proxy`, it is another one.
 */
export function layersOf(stages: readonly Stage[]): Layers {
  const bytes: Stage[][] = [[]];
  const intermediaries: Stage[][] = [];
  for (const stage of stages) {
    const standing = bytes.at(-1)!.length === 0 ? intermediaries.at(-1) : undefined;
    if (!isPolicy(stage.fault)) bytes.at(-1)!.push(stage);
    else if (standing && joins(stage, standing)) standing.push(stage);
    else {
      intermediaries.push([stage]);
      bytes.push([]);
    }
  }
  return { bytes, intermediaries };
}

/** The byte faults at one place of a connection that was opened through so many intermediaries; those too many go last. */
export function bytesAt({ bytes }: Layers, place: number, intermediaries: number): readonly Stage[] {
  return place < intermediaries ? (bytes[place] ?? []) : bytes.slice(place).flat();
}

function joins(stage: Stage, standing: readonly Stage[]): boolean {
  if (stage.preset === 'first') return standing.every((s) => isProxy(s) && s.preset === undefined);
  return stage.preset === 'other' || !isProxy(stage) || !standing.some(isProxy);
}

const isProxy = (stage: Stage): boolean => stage.fault.id === 'http-proxy';
