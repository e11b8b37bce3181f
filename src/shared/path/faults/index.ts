/** What a network may do to bytes. Adding a fault is its file and its name here, and its implementation in the engine. */
import { bandwidth } from './bandwidth.ts';
import { blackHole } from './black-hole.ts';
import { closeAfter } from './close-after.ts';
import { halfClose } from './half-close.ts';
import { idleTimeout } from './idle-timeout.ts';
import { latency } from './latency.ts';
import { refuse } from './refuse.ts';
import { slice } from './slice.ts';
import { slowClose } from './slow-close.ts';
import { softReset } from './soft-reset.ts';

/** In the order in which they are offered. */
export const FAULT_DEFINITIONS = [
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
] as const;
