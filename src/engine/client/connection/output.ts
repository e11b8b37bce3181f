/** What a protocol core answers to an input: a core decides, a shell carries out. */
import type { Signal } from './signal.ts';

export type Output =
  | { out: 'signal'; signal: Signal }
  /** Deliver `{in:'timer', name}` after `ms`; arming again replaces. */
  | { out: 'arm'; name: string; ms: number }
  | { out: 'disarm'; name: string };

export const signal = (s: Signal): Output => ({ out: 'signal', signal: s });
export const arm = (name: string, ms: number): Output => ({ out: 'arm', name, ms });
export const disarm = (name: string): Output => ({ out: 'disarm', name });

/** Where what a core answers is put, whatever else it may answer. */
export interface Sink {
  push(output: Output): unknown;
}
