/** What a lane's head says: a word, a shape, and what it waits for. Never colour alone. */
import type { LaneTrack } from '../stores/model/lane-track.ts';
import { evidenceWord } from './ends.ts';
import { seconds } from './format.ts';

export type Shape = 'full' | 'half' | 'ring' | 'triangle' | 'bars' | 'square' | 'diamond' | 'dots' | 'cross';

export interface LaneHeadWords {
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

export function laneHead(lane: LaneTrack, now: number, idleLimitMs: number | null): LaneHeadWords {
  const wait = (phase: string): Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'> => {
    if (lane.until === null) return { phase: phase.replace(/ in$/, ''), countdown: null, passed: null };
    const whole = Math.max(1, lane.until - lane.since);
    const left = Math.max(0, lane.until - now);
    return { phase, countdown: seconds(left), passed: Math.min(1, Math.max(0, 1 - left / whole)) };
  };
  const say = (phase: string): Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'> => ({
    phase,
    countdown: null,
    passed: null,
  });
  switch (lane.state) {
    case 'open':
      if (lane.polling) {
        if (lane.phase === 'held')
          return { word: 'Held', shape: 'half', bad: false, ...held(lane, now, idleLimitMs, wait) };
        if (lane.phase === 'requesting')
          return { word: 'Asking', shape: 'dots', bad: false, ...say('waiting for the answer') };
        return { word: 'Resting', shape: 'ring', bad: false, ...wait('next poll in') };
      }
      return { word: 'Open', shape: 'full', bad: false, ...idle(lane, now, idleLimitMs) };
    case 'connecting':
      return {
        word: 'Connecting',
        shape: 'dots',
        bad: false,
        ...say(lane.attempt > 1 ? `attempt ${lane.attempt}` : 'dialling'),
      };
    case 'dropped':
      return {
        word: 'Dropped',
        shape: 'cross',
        bad: true,
        ...say(lane.why?.evidence ? evidenceWord(lane.why.evidence) : 'connection lost'),
      };
    case 'waiting':
      return waiting(lane, wait);
    case 'asleep':
      return { word: 'Asleep', shape: 'bars', bad: false, ...wait('client wakes in') };
    case 'stopped':
      return {
        word: 'Stopped',
        shape: 'square',
        bad: false,
        ...say(lane.why?.reason === 'ended' ? 'the channel has ended' : 'stopped by you'),
      };
    case 'failed':
      return { word: 'Failed', shape: 'diamond', bad: true, ...say('will not try again') };
    default:
      return { word: 'Idle', shape: 'ring', bad: false, ...say('not started') };
  }
}

function waiting(
  lane: LaneTrack,
  wait: (phase: string) => Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'>,
): LaneHeadWords {
  const reason = lane.why?.reason;
  const advised = reason === 'server-advice' || reason === 'announced-end';
  return { word: 'Waiting', shape: 'triangle', bad: !advised, ...wait(advised ? 'back as advised in' : 'retry in') };
}

/** Whichever comes first: the end of the hold, or the idle limit of the path. */
function held(
  lane: LaneTrack,
  now: number,
  limitMs: number | null,
  wait: (phase: string) => Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'>,
): Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'> {
  const limitAt = limitMs === null ? Infinity : Math.max(lane.activeAt, lane.since) + limitMs;
  return limitAt < (lane.until ?? Infinity) ? idle(lane, now, limitMs) : wait('hold ends in');
}

function idle(
  lane: LaneTrack,
  now: number,
  limitMs: number | null,
): Pick<LaneHeadWords, 'phase' | 'countdown' | 'passed'> {
  if (limitMs === null) return { phase: 'no idle limit on path', countdown: null, passed: null };
  const silent = Math.max(0, now - Math.max(lane.activeAt, lane.since));
  return {
    phase: 'idle limit in',
    countdown: seconds(Math.max(0, limitMs - silent)),
    passed: Math.min(1, silent / limitMs),
  };
}
