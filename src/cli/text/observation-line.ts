import type { Evidence, State } from '../../shared/catalog.ts';
import { hostSleepText } from '../../shared/host-sleep.ts';
import type { DropFact, Observation } from '../../shared/observation.ts';
import { bytes, ms, humanDurations, UNKNOWN } from './units.ts';
import type { Colour, Paint } from './paint.ts';
import { visible } from '../process/visible.ts';

/**
 * One observation as one line for people, or null for what only machines care for: single requests, beats, counters.
 * @param startedAt the run's start; times are told from there
 */
export function observationLine(o: Observation, startedAt: number, paint: Paint): string | null {
  const said = describe(o);
  if (!said) return null;
  // cast: as many as there were
  const [word, colour, text] = said.map(printable) as typeof said;
  const at = `${((o.at - startedAt) / 1000).toFixed(3).padStart(9)} s`;
  return `${paint('dim', at)}  ${printable(o.lane ?? '').padEnd(13)}  ${paint(colour, word.padEnd(9))}  ${text}`.trimEnd();
}

/** On one line, whatever it holds. */
const printable = (text: string): string => visible(text).replaceAll(/[\n\t]/g, '\ufffd');

function describe(o: Observation): [word: string, colour: Colour, text: string] | null {
  switch (o.type) {
    case 'state': {
      // the drop and the reconnect tell of the rest, and a poller's phases are no news
      const colour = STATE_COLOUR[o.to];
      return colour === undefined || o.from === o.to ? null : [o.to, colour, o.reason === 'connected' ? '' : o.reason];
    }
    case 'event':
      return [
        o.duplicate ? 'repeat' : 'event',
        o.duplicate ? 'yellow' : 'cyan',
        `${o.event}  ${bytes(o.bytes)}  ${o.replayed ? 'replayed' : o.latency === null ? '' : `after ${ms(o.latency)}`}  ${o.cursor ?? o.id ?? ''}`.replaceAll(
          / {3,}/g,
          '  ',
        ),
      ];
    case 'drop':
      return ['drop', 'red', dropText(o)];
    case 'ended':
      return [
        'ended',
        'dim',
        `as announced by the ${o.by}${o.reason === null ? '' : `: ${o.reason}`}${ageText(o.age)}`,
      ];
    case 'reconnect':
      return ['reconnect', 'yellow', `attempt ${o.attempt} in ${ms(o.delay)}, from ${o.cursor ?? 'the start'}`];
    case 'resume':
      return [
        'resume',
        o.missed === 0 ? 'green' : 'yellow',
        `from ${o.sent ?? 'the start'}: missed ${o.missed ?? 'cannot know'}, repeated ${o.repeated ?? 'cannot know'}${o.epochChanged ? ', another epoch' : ''}`,
      ];
    case 'gap':
      return [
        'gap',
        'red',
        `${o.reason}: missed ${o.missed ?? 'cannot know'} between ${o.from ?? UNKNOWN} and ${o.to ?? UNKNOWN}`,
      ];
    case 'notice':
      return [
        o.level === 'info' ? 'notice' : o.level,
        o.level === 'error' ? 'red' : 'yellow',
        o.hint ? `${o.message.replace(/(?<![.!?:])$/, '.')} ${o.hint}` : o.message,
      ];
    case 'finding':
      return ['finding', o.verdict === 'problem' ? 'red' : 'yellow', `${o.code}: ${o.text} ${sureness(o.confidence)}`];
    case 'path':
      if (o.via.length === 0) return null;
      return ['path', 'dim', o.label]; // which names the idle limit where there is one
    case 'fault':
      return o.action === 'fire' ? ['fault', 'yellow', `${o.name}: ${o.detail}`] : null;
    case 'sleep':
      return [
        'sleep',
        'dim',
        o.what === 'host' && o.phase === 'end'
          ? hostSleepText(o.ms)
          : `${o.what === 'host' ? 'this machine' : 'the client'} ${o.phase === 'begin' ? 'falls asleep' : 'wakes'}`,
      ];
    case 'setting':
      return ['setting', 'dim', `${o.name}: ${humanDurations(o.value)}`];
    case 'lane':
      return ['lane', 'dim', `${LANE_ACTION[o.action]}${o.name === null ? '' : `: “${o.name}”`}`];
    case 'publish':
      return ['publish', 'cyan', `${o.event}  ${bytes(o.bytes)}  ${o.cursor ?? ''}`];
    default:
      return null;
  }
}

const LANE_ACTION = { add: 'joins the run', change: 'is set anew', remove: 'leaves the run' } as const;

export const sureness = (confidence: number): string =>
  confidence >= 1 ? '(known)' : `(${Math.round(confidence * 100)} % sure)`;

const STATE_COLOUR: Partial<Record<State, Colour>> = { open: 'green', asleep: 'dim', stopped: 'dim', failed: 'red' };

/** The connection was not the trouble: what came over it was, and the detail says how. */
const NOT_UNDERSTOOD: readonly Evidence[] = ['protocol', 'no-answer'];

/** Ends while connecting: there was no connection to be silent on, and nobody who closed it. */
const NEVER_OPEN: readonly Evidence[] = ['refused', 'dns', 'tls', 'connect-timeout', 'offline', 'proxy', 'no-token'];

const ageText = (age: number | null | undefined): string => (age == null ? '' : `, ${ms(age)} after it opened`);

function dropText(o: DropFact): string {
  const bare = NEVER_OPEN.includes(o.evidence) || NOT_UNDERSTOOD.includes(o.evidence);
  const evidence = o.evidence === 'protocol' ? 'protocol error' : o.evidence;
  return [
    evidence + (o.cause && o.cause !== o.evidence ? ` (${o.cause})` : ''),
    bare ? '' : o.by === 'unknown' ? 'by whom cannot be known' : `by the ${o.by}`,
    bare ? '' : `after ${ms(o.silence)} of silence${ageText(o.age)}`,
    o.detail ? `– ${o.detail}` : '',
  ]
    .filter((part) => part !== '')
    .join(' ');
}
