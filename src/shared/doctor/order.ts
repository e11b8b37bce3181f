import type { Method } from '../catalog.ts';
import type { PathSpec } from '../path/spec.ts';
import type { DoctorCode } from './codes.ts';
import type { Consent } from './report.ts';

/** What a page asks the Doctor to examine. A page gives no commands. Milliseconds. */
export interface DoctorOrder {
  url: string;
  /** Empty: whatever the address answers to. */
  methods: Method[];
  /** Null: recognised. */
  dialect: string | null;
  headers: Record<string, string>;
  /** What is laid between; empty: nothing. */
  path: PathSpec;
  forMs: number;
  quietUpToMs: number;
  /** Takes short messages by POST; null: nothing is published. */
  publishUrl: string | null;
  allow: Consent[];
  /** Null: every code. */
  only: DoctorCode[] | null;
}
