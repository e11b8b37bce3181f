/** How each fault is carried out. One that is defined and missing here does not compile. */
import { FAULT_DEFINITIONS } from '../../../../shared/path/faults/index.ts';
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
import type { Fault, FaultImpl } from './fault.ts';

type FaultDefinition = (typeof FAULT_DEFINITIONS)[number];
export type FaultId = FaultDefinition['id'];

const IMPLEMENTATIONS: { [Id in FaultId]: FaultImpl<Extract<FaultDefinition, { id: Id }>> } = {
  'idle-timeout': idleTimeout,
  latency,
  bandwidth,
  slice,
  'black-hole': blackHole,
  'close-after': closeAfter,
  'half-close': halfClose,
  'slow-close': slowClose,
  refuse,
  'soft-reset': softReset,
};

export const FAULTS: Readonly<Record<string, Fault>> = Object.fromEntries(
  FAULT_DEFINITIONS.map((definition): [string, Fault] => [
    definition.id,
    { definition, ...IMPLEMENTATIONS[definition.id] },
  ]),
);
