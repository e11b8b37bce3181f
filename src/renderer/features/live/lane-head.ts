/** A lane head's text: state word, shape, phase and countdown. Never colour alone. */
import type { LaneModel } from '../../model/lane-model.ts';
import { evidenceLabel } from '../../labels/drop.ts';
import { seconds } from '../../ui/format.ts';

export type Shape = 'full' | 'half' | 'ring' | 'triangle' | 'bars' | 'square' | 'diamond' | 'dots' | 'cross';

export interface LaneHeadText {
  word: string;
  shape: Shape;
  /** Red rim: the lane is without its connection against its will. */
  bad: boolean;
  /** `next poll in` … */
  phase: string;
  /** … `0.5 s`; null when nothing is counted down. */
  countdown: string | null;
  /** How much of the wait has passed, 0 to 1; null when nothing is waited for. */
  passed: number | null;
}

export function laneHead(lane: LaneModel, now: number, idleLimitMs: number | null): LaneHeadText {
  const countdownTo = (phase: string): Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'> => {
    if (lane.until === null) return { phase: phase.replace(/ in$/, ''), countdown: null, passed: null };
    const whole = Math.max(1, lane.until - lane.since);
    const left = Math.max(0, lane.until - now);
    return { phase, countdown: seconds(left), passed: Math.min(1, Math.max(0, 1 - left / whole)) };
  };
  const noCountdown = (phase: string): Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'> => ({
    phase,
    countdown: null,
    passed: null,
  });
  switch (lane.state) {
    case 'open':
      if (lane.polling) {
        if (lane.phase === 'held')
          return { word: 'Held', shape: 'half', bad: false, ...heldPhase(lane, now, idleLimitMs, countdownTo) };
        if (lane.phase === 'requesting')
          return { word: 'Asking', shape: 'dots', bad: false, ...noCountdown('waiting for the answer') };
        return { word: 'Resting', shape: 'ring', bad: false, ...countdownTo('next poll in') };
      }
      return { word: 'Open', shape: 'full', bad: false, ...idlePhase(lane, now, idleLimitMs) };
    case 'connecting':
      return {
        word: 'Connecting',
        shape: 'dots',
        bad: false,
        ...noCountdown(lane.attempt > 1 ? `attempt ${lane.attempt}` : 'dialling'),
      };
    case 'dropped':
      return {
        word: 'Dropped',
        shape: 'cross',
        bad: true,
        ...noCountdown(
          lane.lastStateChange?.evidence ? evidenceLabel(lane.lastStateChange.evidence) : 'connection lost',
        ),
      };
    case 'waiting':
      return waitingHead(lane, countdownTo);
    case 'asleep':
      return { word: 'Asleep', shape: 'bars', bad: false, ...countdownTo('client wakes in') };
    case 'stopped':
      return {
        word: 'Stopped',
        shape: 'square',
        bad: false,
        ...noCountdown(lane.lastStateChange?.reason === 'ended' ? 'the channel has ended' : 'stopped by you'),
      };
    case 'failed':
      return { word: 'Failed', shape: 'diamond', bad: true, ...noCountdown('will not try again') };
    default:
      return { word: 'Idle', shape: 'ring', bad: false, ...noCountdown('not started') };
  }
}

function waitingHead(
  lane: LaneModel,
  countdownTo: (phase: string) => Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'>,
): LaneHeadText {
  const reason = lane.lastStateChange?.reason;
  const advised = reason === 'server-advice' || reason === 'announced-end';
  return {
    word: 'Waiting',
    shape: 'triangle',
    bad: !advised,
    ...countdownTo(advised ? 'back as advised in' : 'retry in'),
  };
}

/** Whichever comes first: the end of the hold, or the idle limit of the path. */
function heldPhase(
  lane: LaneModel,
  now: number,
  limitMs: number | null,
  countdownTo: (phase: string) => Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'>,
): Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'> {
  const limitAt = limitMs === null ? Infinity : Math.max(lane.lastActivityAt, lane.since) + limitMs;
  return limitAt < (lane.until ?? Infinity) ? idlePhase(lane, now, limitMs) : countdownTo('hold ends in');
}

function idlePhase(
  lane: LaneModel,
  now: number,
  limitMs: number | null,
): Pick<LaneHeadText, 'phase' | 'countdown' | 'passed'> {
  if (limitMs === null) return { phase: 'no idle limit on path', countdown: null, passed: null };
  const silent = Math.max(0, now - Math.max(lane.lastActivityAt, lane.since));
  return {
    phase: 'idle limit in',
    countdown: seconds(Math.max(0, limitMs - silent)),
    passed: Math.min(1, silent / limitMs),
  };
}
