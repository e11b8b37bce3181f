import type { WorkloadSpec } from '../../shared/run-config.ts';
import { WORKLOADS, type WorkloadName } from '../../shared/catalog.ts';
import { Failure, codeOf } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { buildLog } from './build-log.ts';
import { chat } from './chat.ts';
import { custom } from './custom.ts';
import { jobProgress } from './job-progress.ts';
import { none } from './none.ts';
import { notifications } from './notifications.ts';
import { payment } from './payment.ts';
import { quiet } from './quiet.ts';
import { createContext } from './context.ts';
import { ticks } from './ticks.ts';
import type { Workload, WorkloadIo } from './workload.ts';

export type { WorkloadIo };

/** Adding one is one file and one name. */
const WORKLOAD_BY_NAME: Record<WorkloadName, Workload> = {
  none,
  notifications,
  payment,
  'build-log': buildLog,
  'job-progress': jobProgress,
  chat,
  ticks,
  quiet,
  custom,
};

export interface RunningWorkload {
  /** Nothing is published after this returns. */
  stop(): void;
  describe(): string;
}

/** Publishes until stopped, the same for the same seed. @throws Failure `unknown-workload`, `bad-workload` */
export function startWorkload(spec: WorkloadSpec, io: WorkloadIo): RunningWorkload {
  if (!Object.hasOwn(WORKLOAD_BY_NAME, spec.name)) throw unknownWorkload(spec.name);
  const workload = WORKLOAD_BY_NAME[spec.name];
  const pace = { rate: spec.rate, size: spec.size, burst: spec.burst };
  checkRange('rate', pace.rate, 0, 100_000);
  checkRange('size', pace.size, 0, 1024 * 1024);
  checkRange('burst', pace.burst, 1, 10_000);
  const stopping = new AbortController();
  if (pace.rate !== 0) {
    workload.run(createContext(io, pace, stopping.signal)).catch((error: unknown) => {
      // stopped, or the channel ended under it: either way there is nothing more to publish
      const aborted = error instanceof Error && error.name === 'AbortError';
      if (aborted || codeOf(error) === 'channel-ended' || stopping.signal.aborted) return;
      stopping.abort();
      io.failed(error);
    });
  }
  return { stop: () => stopping.abort(), describe: () => workload.describe(pace) };
}

function checkRange(what: 'rate' | 'size' | 'burst', value: number | null, min: number, max: number): void {
  if (value === null || (value >= min && value <= max)) return;
  throw new Failure({
    code: 'bad-workload',
    place: `workload.${what}`,
    message: `${value} is no ${what} for a workload.`,
    hint: `Give a number from ${min} to ${max}.`,
    exit: 2,
  });
}

function unknownWorkload(name: string): Failure {
  const close = nearest(name, WORKLOADS);
  return new Failure({
    code: 'unknown-workload',
    place: '--workload',
    message: `"${name}" is not a workload.`,
    hint: close === null ? `There are ${WORKLOADS.join(', ')}.` : `Did you mean ${close}?`,
    exit: 2,
  });
}
