/** Every fault there is. Adding one is its file and its name here. */
import { bandwidth } from './bandwidth.ts';
import { blackHole } from './black-hole.ts';
import { closeAfter } from './close-after.ts';
import { COMMON_PARAMS } from './common-params.ts';
import type { Fault } from './fault.ts';
import { halfClose } from './half-close.ts';
import { idleTimeout } from './idle-timeout.ts';
import { latency } from './latency.ts';
import { refuse } from './refuse.ts';
import { slice } from './slice.ts';
import { slowClose } from './slow-close.ts';
import { softReset } from './soft-reset.ts';

const FAULT_LIST: readonly Fault[] = [
  idleTimeout,
  latency,
  bandwidth,
  slice,
  blackHole,
  closeAfter,
  halfClose,
  slowClose,
  refuse,
  softReset,
];

/** By id, each with the params that all of them share. */
export const FAULTS: Record<string, Fault> = Object.fromEntries(
  FAULT_LIST.map((fault) => [fault.id, { ...fault, params: { ...fault.params, ...COMMON_PARAMS } }]),
);
