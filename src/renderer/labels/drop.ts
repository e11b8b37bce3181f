/** Labels and sentences for a drop: its evidence, then its cause. */
import type { Cause, EndedBy, Evidence, Method } from '../../shared/catalog.ts';
import type { DropFact } from '../../shared/observation.ts';
import { seconds } from '../ui/format.ts';

const EVIDENCE_LABEL: Record<string, string> = {
  fin: 'FIN',
  rst: 'RST',
  'clean-end': 'ended',
  silence: 'silence',
  refused: 'refused',
  dns: 'name not found',
  tls: 'TLS failed',
  'connect-timeout': 'no connection',
  'no-answer': 'no answer',
  protocol: 'wrong answer',
  offline: 'offline',
  proxy: 'proxy refused',
  'no-token': 'no token',
  deadline: 'deadline',
};

const EVIDENCE_SENTENCE: Record<string, string> = {
  fin: 'The connection was closed with a FIN, without a word',
  rst: 'The connection was reset (RST)',
  'clean-end': 'The answer ended as if complete, though nobody had announced it',
  silence: 'Nothing came for so long that the connection was given up',
  refused: 'The connection was refused',
  dns: 'The host name could not be resolved',
  tls: 'TLS could not be agreed on',
  'connect-timeout': 'No connection came about in time',
  'no-answer': 'Connected, but no answer came',
  protocol: 'What came is not what was asked for',
  offline: 'This client is offline',
  proxy: 'The upstream proxy did not let it through',
  'no-token': 'There was no token to ask with',
  deadline: 'The client’s own total deadline was over',
};

const CAUSE_LABEL: Record<Cause, string> = {
  'idle-limit': 'idle',
  cut: 'cut',
  'client-sleep': 'slept',
  'stood-still': 'stood still',
  offline: 'offline',
  'missed-heartbeats': 'no heartbeat',
  'pong-deadline': 'no pong',
  restart: 'restart',
  kill: 'server killed',
  'black-hole': 'black hole',
  'close-after': 'closed by rule',
  'half-close': 'half-closed',
  refuse: 'refused by rule',
  'slow-consumer': 'too slow',
  'target-unreachable': 'target unreachable',
  'kept-connection': 'kept connection',
  'too-big': 'too big',
};

const CAUSE_SENTENCE: Record<Cause, string> = {
  'idle-limit': 'the path ends what has been silent for so long',
  cut: 'everything was cut by hand',
  'client-sleep': 'it ended while the client slept',
  'stood-still': 'this program itself stood still meanwhile',
  offline: 'the client was taken offline',
  'missed-heartbeats': 'the promised heartbeats stopped',
  'pong-deadline': 'no pong came in time',
  restart: 'the server was restarted',
  kill: 'the server was killed',
  'black-hole': 'the path swallows every byte',
  'close-after': 'a rule of the path closes connections after a while',
  'half-close': 'the path has ended one direction of the connection',
  refuse: 'a rule of the path refuses connections',
  'slow-consumer': 'the client did not read fast enough',
  'target-unreachable': 'the path could not reach the target',
  'kept-connection': 'the server closed a kept connection as a request came',
  'too-big': 'a message was longer than the path lets through',
};

const BY_SENTENCE: Record<EndedBy, string> = {
  client: 'Ended by the client.',
  server: 'Ended by the server.',
  path: 'Ended by the path.',
  unknown: 'Who ended it cannot be known from here.',
};

/** A silence too short to have been anybody's limit. */
const MIN_SILENCE_MS = 500;

/** A detail longer than this is no label. */
const MAX_LABEL_LENGTH = 60;

export function evidenceLabel(evidence: Evidence): string {
  const [kind, code] = evidence.split(':');
  return code ?? EVIDENCE_LABEL[kind!] ?? evidence;
}

/** Why, as half a sentence: `the path swallows every byte`. */
export const causeSentence = (cause: Cause): string => CAUSE_SENTENCE[cause];

export const causeLabel = (cause: Cause): string => CAUSE_LABEL[cause];

/** The label beside the cross: `FIN · idle 10.0 s`, `504 · held 10.0 s`, `RST · cut`. */
export function dropLabel(drop: DropFact, method: Method): string {
  const seen = evidenceLabel(drop.evidence);
  if (drop.cause === 'idle-limit') {
    // The client itself saw little silence: it slept, or the path ended what it alone found idle.
    if (drop.silence < MIN_SILENCE_MS) return `${seen} · idle limit`;
    return `${seen} · ${method === 'long-polling' ? 'held' : 'idle'} ${seconds(drop.silence)}`;
  }
  // What came instead says more than that it was wrong.
  if (drop.evidence === 'protocol' && drop.detail && drop.detail.length <= MAX_LABEL_LENGTH) return drop.detail;
  if (drop.cause && CAUSE_LABEL[drop.cause] !== seen) return `${seen} · ${CAUSE_LABEL[drop.cause]}`;
  if (drop.evidence === 'silence') return `silence ${seconds(drop.silence)}`;
  return seen;
}

export function evidenceSentence(evidence: Evidence): string {
  const [kind, code] = evidence.split(':');
  if (kind === 'status') return `Answered with status ${code}`;
  if (kind === 'close') return `Closed with WebSocket code ${code}`;
  return EVIDENCE_SENTENCE[kind!] ?? evidence;
}

/** The whole fact, for the tooltip. */
export function dropSentence(drop: DropFact): string {
  const seen = evidenceSentence(drop.evidence);
  const why = drop.cause ? `: ${CAUSE_SENTENCE[drop.cause]}` : '';
  const open = drop.age == null ? '' : ` Open for ${seconds(drop.age)}.`;
  const quiet = drop.silence >= 250 ? ` Silent for ${seconds(drop.silence)} before.` : '';
  return `${seen}${why}. ${BY_SENTENCE[drop.by]}${open}${quiet}${drop.detail ? ` ${drop.detail}` : ''}`;
}
