import type { State } from '../../../shared/catalog.ts';

/**
 * The one state table of all four methods: from each state, the states it may pass to. `open → open` is a change of
 * phase. `asleep` gives back the state it found.
 */
export const TRANSITIONS: Record<State, readonly State[]> = {
  idle: ['connecting', 'stopped'],
  connecting: ['open', 'dropped', 'waiting', 'asleep', 'stopped', 'failed'],
  open: ['open', 'dropped', 'waiting', 'asleep', 'stopped', 'failed'],
  dropped: ['waiting', 'asleep', 'stopped', 'failed'],
  waiting: ['connecting', 'asleep', 'stopped'],
  asleep: ['connecting', 'open', 'dropped', 'waiting', 'stopped'],
  stopped: ['connecting'],
  failed: ['connecting', 'stopped'],
};

export const canTransition = (from: State, to: State): boolean => TRANSITIONS[from].includes(to);
