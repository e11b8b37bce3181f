import type { Definition } from './definition.ts';
import { FAULT_DEFINITIONS } from './faults/index.ts';
import { POLICY_DEFINITIONS } from './policies/index.ts';

/** Everything a path can be made of, by id: what happens to bytes, and what happens to requests and answers. */
export const DEFINITIONS: Readonly<Record<string, Definition>> = Object.fromEntries(
  [...FAULT_DEFINITIONS, ...POLICY_DEFINITIONS].map((definition): [string, Definition] => [definition.id, definition]),
);
