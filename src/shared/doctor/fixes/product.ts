import type { DoctorCode } from '../codes.ts';

/** What cures a finding in one product, as lines of its own configuration. */
export interface Product {
  /** As typed after --fix. */
  name: string;
  label: string;
  /** `{beat}`: seconds between heartbeats that keep below the limit found. */
  lines: Partial<Record<DoctorCode, readonly string[]>>;
}
