/** What the Doctor says, as data. Milliseconds and bytes; names are promises. */
import type { Method } from '../catalog.ts';
import type { DoctorCode } from './codes.ts';

export type Verdict = 'problem' | 'warning' | 'ok';

/** One thing that was seen, and when: ms since the examination began. */
export interface EvidenceLine {
  at: number;
  what: string;
  /** As it stood on the wire, cut and without secrets. */
  bytes?: string;
}

/** Lines to write into the configuration of one product. */
export interface Fix {
  for: string;
  lines: string[];
}

export interface Finding {
  code: DoctorCode;
  method: Method;
  verdict: Verdict;
  /** A word that says which: `by-size`, `ignored`, `none`, `comment`. */
  kind?: string;
  value?: number;
  /** Where the other side's clock is coarse, or the limit lies between two that were tried. */
  range?: [min: number, max: number];
  unit?: string;
  /** One sentence. */
  text: string;
  why: string;
  evidence: EvidenceLine[];
  fix: Fix[];
}

/** What could not be decided, and why. */
export interface Undecided {
  code: DoctorCode;
  method: Method;
  reason: string;
}

/** What is sent at most, or has been sent. */
export interface DoctorCost {
  requests: number;
  connections: number;
  seconds: number;
  messages: number;
}

/** One hop of the inferred path, nearest first. `what` is null where its like was never seen. */
export interface Hop {
  what: string | null;
  why: string;
  limits: Record<string, number | string>;
  /** 0 to 1. */
  confidence: number;
}

export interface DoctorReport {
  v: 1;
  url: string;
  /** One method, or all that were asked of. */
  method: Method | Method[];
  budget: DoctorCost;
  spent: DoctorCost;
  findings: Finding[];
  hops: Hop[];
  unknown: Undecided[];
}

/** What a person has agreed to beside reading. */
export const CONSENTS = ['send', 'large-message', 'spend'] as const;
export type Consent = (typeof CONSENTS)[number];

/** How an examination goes on. */
export interface DoctorProgress {
  id: string;
  /** Counts up with each change. */
  version: number;
  done: boolean;
  /** It was ended before its time: findings are what was known then. */
  stopped: boolean;
  /** Ms since it began, and the most that is left. */
  elapsedMs: number;
  leftMs: number;
  /** What is done just now, in one sentence. */
  doing: string;
  /** Each code asked about: `waiting`, `running`, or decided; `from` and `to` in ms since the beginning. */
  checks: {
    code: DoctorCode;
    method: Method;
    label: string;
    state: 'waiting' | 'running' | Verdict | 'unknown';
    from: number | null;
    to: number | null;
  }[];
  /** What is known so far; whole once `done`. */
  report: DoctorReport;
}
