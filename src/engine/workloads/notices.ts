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

/** What is noted of a workload that does not keep its rate. */
export const workloadTooSlow = (name: string, wanted: number, kept: number): NoticeFact => ({
  type: 'notice',
  level: 'warn',
  code: 'workload-slow',
  message: `The workload ${name} publishes ${rateText(kept)} events a second, not ${rateText(wanted)}: this process has no time for more.`,
  hint: 'Lower the rate, or have fewer readers.',
});

const rateText = (rate: number): string => (rate < 10 ? rate.toFixed(1) : String(Math.round(rate)));

/** What is noted of an event that a shared log did not take. */
export function eventNotTaken(name: string, error: unknown): NoticeFact {
  const { message, hint } = failureData(error);
  return {
    type: 'notice',
    level: 'warn',
    code: 'event-not-taken',
    message: `An event of the workload ${name} was not published: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  };
}
