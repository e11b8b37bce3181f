import type { Observation } from './observation.ts';

/** Something from outside, a link or a file, that a host hands to the page to be looked at. */
export type OpenedInPage =
  | { kind: 'endpoint'; url: string; name: string; dialect: string; channel: string }
  | { kind: 'scenario'; text: string }
  | {
      kind: 'recording';
      name: string;
      records: Observation[];
      /** Lines that could not be understood, and are left out. */
      broken: number;
    };
