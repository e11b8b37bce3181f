import type { Hop } from '../../../shared/doctor/report.ts';
import type { Material } from '../material.ts';

/** The intermediaries on the way, nearest first, as far as they show themselves. */
export function inferHops(_all: readonly Material[]): Hop[] {
  return [];
}
