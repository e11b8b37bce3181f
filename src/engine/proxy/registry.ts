import type { Fault } from './tcp/faults/fault.ts';
import { FAULTS } from './tcp/faults/index.ts';
import { POLICIES } from './http/policies/index.ts';

/** Everything a path can be made of, by id, with what carries it out. */
export const REGISTRY: Readonly<Record<string, Fault>> = { ...FAULTS, ...POLICIES };
