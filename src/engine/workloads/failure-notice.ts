import type { NoticeFact } from '../../shared/observation.ts';
import { failureData } from '../../shared/failure.ts';

/** What is noted of a workload that could not go on publishing. */
export function workloadFailed(name: string, error: unknown): NoticeFact {
  const { message } = failureData(error);
  return {
    type: 'notice',
    level: 'error',
    code: 'workload-failed',
    message: `The workload ${name} has ended: its event could not be published (${message.replace(/\.$/, '')}).`,
    hint: 'Check the log and the room on its disk, then start the workload again.',
  };
}
