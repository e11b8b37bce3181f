import type { WorkloadName } from './catalog.ts';

/** What was set while a run goes on, as values: what a label, a fold or a chart reads. */
export type Setting =
  | { name: 'heartbeat'; everyMs: number | null }
  /** `workload` is null where only the rate changes, `rate` null where the workload keeps its own pace. */
  | { name: 'workload'; workload: WorkloadName | null; rate: number | null }
  | { name: 'offline'; offline: boolean }
  | { name: 'pongs'; answered: boolean }
  | { name: 'cut-all'; connections: number; end: 'fin' | 'rst' }
  | { name: 'restart-server' }
  | { name: 'kill-server'; downMs: number }
  | { name: 'lose-log' };
