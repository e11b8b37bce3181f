import type { Evidence, Method } from '../../../shared/catalog.ts';
import { METHOD_KIND, METHOD_LABEL } from '../../../shared/catalog.ts';
import type { Hold } from '../../../shared/path/effect.ts';
import type { Cure, Outcome, PathEnd } from '../../../shared/path/outcome.ts';
import { durationLabel } from '../../ui/duration-label.ts';

/** An outcome in words. */
export interface OutcomeLabels {
  /** The word that counts: `504`, `FIN`, `RST`, `Silence`; empty where there is none. */
  mark: string;
  /** What follows the mark, or stands alone. */
  silent: string;
  /** How the client notices. */
  notice: string;
  cure: string;
}

const STATUS: Record<string, string> = {
  '404': ' Not Found',
  '408': ' Request Timeout',
  '500': ' Internal Server Error',
  '502': ' Bad Gateway',
  '503': ' Service Unavailable',
  '504': ' Gateway Timeout',
  '524': ', Cloudflare’s own',
};
const MARKS: Partial<Record<Evidence, string>> = {
  fin: 'FIN',
  rst: 'RST',
  'clean-end': 'Clean end',
  silence: 'Silence',
  refused: 'Refused',
};

export function outcomeLabels(outcome: Outcome): OutcomeLabels {
  const { fate, end, method } = outcome;
  const cure = cureLabel(outcome);
  if (fate === 'unknown') return withLate(outcome, { ...UNKNOWN, cure: cure === 'Not needed' ? 'Unknown' : cure });
  if (!end) return withLate(outcome, { mark: '', silent: 'Nothing', notice: LIVES(method), cure });
  if (fate === 'blocked') return { ...blockedLabels(outcome, end), cure };
  return withLate(outcome, { ...endLabels(method, end), cure });
}

const UNKNOWN = { mark: '', silent: 'Unknown', notice: 'Its documents give no idle limit; none is played here' };
const LIVES = (method: Method): string => (method === 'short-polling' ? 'Each poll is over at once' : 'It stays open');

/** `504`, `FIN`, `1001`; empty where it is not known. */
export const markOf = (sees: Evidence | null): string => (sees && (MARKS[sees] ?? sees.replace(/^.*:/, ''))) ?? '';

/** Where not every connection is struck. */
const shareLabel = ({ share }: PathEnd): string =>
  share < 1 ? `, ${Math.round(share * 1000) / 10} % of connections` : '';

/** What never gets through at all. */
function blockedLabels({ method, cures }: Outcome, end: PathEnd): Omit<OutcomeLabels, 'cure'> {
  const { sees, when } = end;
  const others = cures.find((c) => c.by === 'another-method');
  const atOnce = when.ms > 0 ? `After ${durationLabel(when.ms)}` : 'At once';
  const notice = sees === 'silence' ? 'By its own patience' : sees === null ? 'At once, no 101' : atOnce;
  if (method === 'websocket' && others && (sees === null || sees === 'silence')) {
    const silent = `Never opens: ${sees === null ? 'the Upgrade is taken out' : 'no answer'}${shareLabel(end)}`;
    return { mark: '', silent, notice };
  }
  const only = others?.method ? `, nothing but ${METHOD_LABEL[others.method]} gets through` : null;
  const never = sees === 'silence' ? ', nothing gets through' : sees === 'refused' ? '' : ', never opens';
  return { mark: markOf(sees), silent: (only ?? never) + shareLabel(end), notice };
}

function endLabels(method: Method, end: PathEnd): Omit<OutcomeLabels, 'cure'> {
  const { sees, when, assumed, tries } = end;
  const span = durationLabel(when.ms);
  if (when.on === 'write') {
    const silent = `Nothing, until something is written after ${span}${shareLabel(end)}`;
    return { mark: '', silent, notice: 'Only when the next piece should have come' };
  }
  const assumedLabel = assumed ? ', assumed' : '';
  const silent = lossLabel(method, end) + assumedLabel + shareLabel(end) + ageLabel(method, end);
  const repeated = tries > 1 ? `; the server got it ${tries} times` : '';
  return { mark: markOf(sees), silent, notice: noticeLabel(method, sees) + repeated };
}

function ageLabel(method: Method, { when }: PathEnd): string {
  if (when.on !== 'age') return '';
  if (method !== 'long-polling') return `, at ${durationLabel(when.ms)} of age`;
  return when.of === 'connection' ? `, when its connection is ${durationLabel(when.ms)} old` : '';
}

/** What is missing from what the client gets. */
function lossLabel(method: Method, { sees, sending }: PathEnd): string {
  switch (sees) {
    case 'clean-end':
      return ', as if complete';
    case 'rst':
      return method === 'long-polling' ? ' without an answer' : '';
    case 'silence':
      return sending === 'rst' ? ', RST to whoever sends next' : ' for good, no FIN, no RST';
    case 'fin':
      return method === 'sse'
        ? ', body unfinished'
        : method === 'websocket'
          ? ', no close frame'
          : ' without an answer';
    default:
      return sees?.startsWith('close:') ? ', a close frame, then FIN' : (STATUS[markOf(sees)] ?? '');
  }
}

function noticeLabel(method: Method, sees: Evidence | null): string {
  if (sees === 'silence') return SILENCE_NOTICE[METHOD_KIND[method]];
  // WHATWG HTML, 9.2: anything but 200 fails the connection, and it is not tried again.
  if (sees?.startsWith('status:')) return `At once, from the status${method === 'sse' ? '; EventSource gives up' : ''}`;
  if (sees?.startsWith('close:')) return `At once, as close ${markOf(sees)}`;
  if (method === 'sse') return 'At once; EventSource comes back after its retry';
  return method === 'websocket' ? 'At once, as close 1006' : 'At once';
}

const SILENCE_NOTICE = {
  poll: 'Only when its patience is over',
  stream: 'Not at all, without a watchdog',
  socket: 'Only by a ping of its own, unanswered',
};

/** Events that come late although the stream lives. */
function withLate(outcome: Outcome, labels: OutcomeLabels): OutcomeLabels {
  const { hold, fate } = outcome;
  const late = hold && LATE[hold.until];
  if (!late) return labels;
  const text = `${late}${hold.unless ? `, unless ${hold.unless.name}: ${hold.unless.value}` : ''}`;
  return { ...labels, notice: fate === 'ends' ? `${labels.notice}; ${text}` : `Late: ${text}` };
}

const LATE: Partial<Record<Hold['until'], string>> = {
  next: 'each event comes with the next',
  block: 'events come in blocks',
  end: 'events come at its end',
};

/** The one that helps most comes first; what else is needed, the other columns say. */
function cureLabel(outcome: Outcome): string {
  const { cures, method, hold, lasts } = outcome;
  // One that shows nothing before its end needs no heartbeat.
  const other = hold?.until === 'block' ? undefined : cures.find((c) => c.by === 'another-method');
  const cure = other ?? cures[0];
  if (!cure) return 'Not needed';
  const upTo = lasts === null ? '' : `, up to ${durationLabel(lasts.when.ms)} of age`;
  switch (cure.by) {
    case 'heartbeat': {
      const heartbeat = method === 'sse' ? 'A comment' : 'A ping';
      return cure.everyMs === null
        ? `${heartbeat}: it brings the last event along`
        : `${heartbeat} every ${durationLabel(cure.everyMs)}${upTo}`;
    }
    case 'shorter-hold':
      return `Hold under ${durationLabel(cure.underMs)}${upTo}`;
    case 'response-field':
      return `${cure.field.name}: ${cure.field.value}`;
    case 'another-method':
      if (outcome.fate === 'blocked') return 'Another method';
      return `Long polling: ${hold?.until === 'block' ? 'a stream’s events come in blocks' : 'a stream shows nothing'} here`;
    case 'none':
      return noCureLabel(cure.why, outcome);
  }
}

function noCureLabel(why: Extract<Cure, { by: 'none' }>['why'], { method }: Outcome): string {
  switch (why) {
    case 'age':
      return method === 'long-polling'
        ? 'None: its connection ends at this age, whatever is held'
        : 'None: it ends at this age whatever is said';
    case 'write':
      return 'None: a heartbeat is what ends it';
    case 'mute-client':
      return 'None: a stream’s client says nothing';
    case 'blocked':
      return 'None on this path';
  }
}
