/** What a check of a target saw, step by step, on one request per method. */
import type { Method } from './catalog.ts';

/** The steps, in the order in which they are taken; a method over plain HTTP has no `tls`. */
export const PROBE_STEPS = ['name', 'address', 'tls', 'head', 'bytes', 'dialect'] as const;
export type ProbeStepName = (typeof PROBE_STEPS)[number];

/** `unknown`: it was tried, and what was seen neither proves nor disproves it. */
export type ProbeOutcome = 'ok' | 'failed' | 'not-reached' | 'unknown';

export interface ProbeStep {
  name: ProbeStepName;
  outcome: ProbeOutcome | 'pending' | 'running';
  /** How long it took, ms; null where it was not taken or has not ended. */
  took: number | null;
  /** What was seen, in a sentence; empty before the step has ended. */
  text: string;
  /** The way out. */
  hint?: string;
}

export interface MethodProbe {
  method: Method;
  /** Without what in it may be a secret. */
  url: string;
  steps: ProbeStep[];
  /** A built-in dialect that fits what was seen better than the chosen one. */
  suggestedDialect: string | null;
}

export interface TargetProbe {
  id: string;
  /** Grows with each change. */
  version: number;
  done: boolean;
  methods: MethodProbe[];
}

/** What a method's steps come to: `ok` only where none of them failed or stayed unknown. */
export function probeVerdict({ steps }: Pick<MethodProbe, 'steps'>): 'ok' | 'failed' | 'unknown' {
  if (steps.some((s) => s.outcome === 'failed')) return 'failed';
  return steps.every((s) => s.outcome === 'ok') ? 'ok' : 'unknown';
}
