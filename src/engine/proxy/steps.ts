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

export interface Layers {
  /** Byte faults between the client and the intermediary; all of them where there is no policy. */
  before: readonly Stage[];
  /** What the intermediary does, nearest the client first. */
  policies: readonly Stage[];
  /** Byte faults between the intermediary and the origin. */
  after: readonly Stage[];
}

/** A path has one intermediary: it stands where its first policy stands. */
export function layersOf(stages: readonly Stage[]): Layers {
  const first = stages.findIndex((s) => isPolicy(s.fault));
  if (first < 0) return { before: stages, policies: [], after: [] };
  return {
    before: stages.slice(0, first),
    policies: stages.filter((s) => isPolicy(s.fault)),
    after: stages.slice(first).filter((s) => !isPolicy(s.fault)),
  };
}
