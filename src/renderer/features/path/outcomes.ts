import type { Method } from '../../../shared/catalog.ts';
import type { FaultSpec, ParamValues, PresetInfo } from '../../../shared/path/params.ts';
import { durationLabel } from '../../ui/duration-label.ts';

/** What a path does to one method while nothing is said on it, and what would help. */
export interface Outcome {
  method: Method;
  /** `cut`: it is ended or fails; `held`: nothing gets through in time; `fine`; `unknown`: the data does not tell. */
  kind: 'cut' | 'held' | 'fine' | 'unknown';
  /** The word that counts: `504`, `FIN`, `RST`, `silence`; empty where there is none. */
  mark: string;
  /** What follows the mark, or stands alone. */
  silent: string;
  /** How the client notices. */
  notice: string;
  /** What cures it. */
  cure: string;
  /** After how long; null when never, or at once. */
  afterMs: number | null;
  /** How often something must be said to keep it; null when that does not help, or is not needed. */
  beatMs: number | null;
  /** It ends at an age, however much is said. */
  aged: boolean;
  /** How its events are kept back, although it lives. */
  late: 'block' | 'end' | 'one-behind' | null;
}

type HeldMethod = 'long-polling' | 'sse' | 'websocket';
interface PathEnd {
  afterMs: number;
  /** As the outcomes of the policies are called: a status, `fin`, `aborted`, `clean`, `rst`, `silence`, `close-1001` … */
  how: string;
  aged: boolean;
  /** Which direction must speak, where one alone counts. */
  dir?: unknown;
  /** How often the path asks again before it gives up. */
  repeats?: number;
  /** `, 50 % of connections`; empty for all. */
  share: string;
}

const PARAM: Record<HeldMethod, string> = { 'long-polling': 'poll', sse: 'stream', websocket: 'ws' };
const STATUS: Record<string, string> = {
  '404': ' Not Found',
  '408': ' Request Timeout',
  '500': ' Internal Server Error',
  '502': ' Bad Gateway',
  '503': ' Service Unavailable',
  '504': ' Gateway Timeout',
  '524': ', Cloudflare’s own',
};
const EVENTSOURCE_RECONNECTS = 'EventSource comes back after its retry';

/**
 * Read from the path's steps alone.
 * @param steps nearest the client first; null when the path cannot be read
 * @param preset where they come from unchanged: what its vendor does not document stays unknown
 */
export function outcomesOf(steps: readonly FaultSpec[] | null, preset: PresetInfo | null): Outcome[] {
  const silent = preset?.kind === 'documented' || preset?.kind === 'from memory';
  if (steps === null)
    return [
      unknownOutcome('short-polling'),
      unknownOutcome('long-polling'),
      unknownOutcome('sse'),
      unknownOutcome('websocket'),
    ];
  return [shortPollOutcome(steps), ...(['long-polling', 'sse', 'websocket'] as const).map(outcomeOf)];

  function outcomeOf(method: HeldMethod): Outcome {
    const outcome =
      blockedOutcome(steps!, method) ??
      cutOutcome(method, pathEnds(steps!, method), preset?.assumed?.includes(method) === true);
    const shown = withDelay(steps!, outcome);
    if (outcome.kind !== 'fine' || !silent || /no idle limit/i.test(preset.what)) return shown;
    // Whether it is ended is not known, but that its events are kept back is.
    if (shown.kind === 'held') return { ...shown, silent: 'Unknown' };
    return { ...unknownOutcome(method), notice: 'Its documents give no idle limit; none is played here' };
  }
}

function appliesTo({ params }: FaultSpec, method: Method): boolean {
  const lanes = params['lanes'] ?? 'all';
  return lanes === 'all' || lanes === method;
}

function shortPollOutcome(steps: readonly FaultSpec[]): Outcome {
  const fine: Outcome = {
    ...emptyOutcome('short-polling'),
    silent: 'Nothing',
    notice: 'Each poll is over at once',
    cure: 'Not needed',
  };
  return blockedOutcome(steps, 'short-polling') ?? fine;
}

/** What never gets through at all. */
function blockedOutcome(steps: readonly FaultSpec[], method: Method): Outcome | null {
  for (const step of steps.filter((s) => appliesTo(s, method))) {
    const blocked = blockedBy(step, method);
    if (blocked === null) continue;
    const never = { ...emptyOutcome(method), kind: 'held' as const, cure: 'None on this path', notice: 'At once' };
    return { ...never, ...blocked, silent: blocked.silent + shareText(step.params) };
  }
  return null;
}

function blockedBy({ name, params }: FaultSpec, method: Method): (Partial<Outcome> & { silent: string }) | null {
  const ownTimeout = 'By its own patience';
  if (name === 'black-hole') return { mark: 'Silence', silent: ', nothing gets through', notice: ownTimeout };
  if (name === 'refuse') return { mark: 'Refused', silent: '' };
  if (name !== 'upgrade') return null;
  if (method !== 'websocket') {
    const plain = String(params['plain'] ?? 'pass');
    return plain === 'pass'
      ? null
      : { mark: plain, silent: ', nothing but WebSocket gets through', cure: 'Another method' };
  }
  const how = String(params['how']);
  const cure = 'Another method';
  if (how === 'pass') return null;
  if (how === 'strip') return { silent: 'Never opens: the Upgrade is taken out', notice: 'At once, no 101', cure };
  if (how === 'hang') return { silent: 'Never opens: no answer', notice: ownTimeout, cure };
  return { mark: how === 'fin' ? 'FIN' : how, silent: ', never opens', cure };
}

/** Where not every connection is struck. */
function shareText(params: ParamValues): string {
  const chance = Number(params['chance'] ?? 1);
  return chance < 1 ? `, ${Math.round(chance * 1000) / 10} % of connections` : '';
}

/** What the outcomes take into account, or what does nothing to a silent connection. */
const COVERED = new Set(
  (
    'idle-timeout http-idle-timeout http-lifetime close-after half-close write-timeout black-hole refuse upgrade buffer gzip retry ' +
    'latency bandwidth slice slow-close soft-reset http-proxy keep-alive client-leaves origin-dies cache collapse'
  ).split(' '),
);
/** Faults of which the outcomes say nothing: they depend on how much is asked or sent, not on silence. */
export const untold = (steps: readonly FaultSpec[]): string[] =>
  steps
    .filter(({ name, params }) => {
      if (name === 'half-close' && params['dir'] === 'up') return true;
      if (name === 'reload' && Number(params['every']) === 0) return false;
      return !COVERED.has(name) || (/^(close-after|half-close)$/.test(name) && Number(params['bytes']) > 0);
    })
    .map((s) => s.name);

function pathEnds(steps: readonly FaultSpec[], method: HeldMethod): PathEnd[] {
  return steps
    .filter((s) => appliesTo(s, method))
    .flatMap(({ name, params }): PathEnd[] => {
      const share = shareText(params);
      const how = String(params[PARAM[method]]);
      switch (name) {
        case 'idle-timeout':
          return [
            { afterMs: Number(params['after']), how: String(params['end']), aged: false, share, dir: params['dir'] },
          ];
        case 'http-idle-timeout':
          return [httpIdle(params, method, how, steps)];
        case 'http-lifetime':
          return [{ afterMs: ageLimit(params, method), how: byAgeHow(params, method, how), aged: true, share }];
        case 'half-close':
          // One that ends towards the server leaves the server's answers be.
          return params['dir'] === 'up' ? [] : [{ afterMs: Number(params['time']), how: 'fin', aged: true, share }];
        case 'close-after':
          return [{ afterMs: Number(params['time']), how: String(params['end']), aged: true, share }];
        case 'write-timeout':
          // An Upgrade takes the connection out of the server's hands.
          return method === 'websocket' ? [] : [{ afterMs: Number(params['after']), how: 'write', aged: true, share }];
        default:
          return [];
      }
    })
    .filter(({ afterMs, how }) => afterMs > 0 && how !== 'none')
    .sort((a, b) => a.afterMs - b.afterMs);
}

/** A poll that an intermediary repeats by itself waits as often as it is repeated. */
function httpIdle(params: ParamValues, method: HeldMethod, how: string, steps: readonly FaultSpec[]): PathEnd {
  const limit = httpLimit(params, method);
  const retry = method === 'long-polling' ? steps.find((s) => s.name === 'retry' && appliesTo(s, method)) : undefined;
  const repeats = Number(retry?.params['times'] ?? 0);
  return {
    afterMs: limit * (1 + repeats),
    how,
    aged: false,
    share: shareText(params),
    ...(repeats > 0 ? { repeats } : {}),
  };
}

const ageLimit = (params: ParamValues, method: HeldMethod): number =>
  (method === 'websocket' ? Number(params['websocket'] ?? 0) : 0) || Number(params['after']);

/** A stream that was held back so far may get what a poll gets. */
const byAgeHow = (params: ParamValues, method: HeldMethod, how: string): string =>
  method === 'sse' && params['held'] === 'poll' ? String(params['poll']) : how;

function httpLimit(params: ParamValues, method: HeldMethod): number {
  const after = Number(params['after']);
  if (method === 'long-polling') return Number(params['first-byte']) || after;
  return (method === 'websocket' ? Number(params['websocket']) : 0) || after;
}

function cutOutcome(method: HeldMethod, endings: readonly PathEnd[], assumed: boolean): Outcome {
  const [first] = endings;
  if (!first) return { ...emptyOutcome(method), silent: 'Nothing', notice: 'It stays open', cure: 'Not needed' };
  const { afterMs, how, aged } = first;
  const span = durationLabel(afterMs);
  // A stream's comments go down; its client says nothing after the request.
  const clientSilent = method === 'sse' && first.dir === 'up';
  const beatMs = aged || clientSilent ? null : heartbeatUnder(afterMs);
  const end = endText(method, how);
  const fin = end.mark === 'FIN' && assumed;
  const out = { ...emptyOutcome(method), kind: 'cut' as const, ...end, afterMs, beatMs, aged };
  if (fin) out.silent += ', assumed';
  out.silent += first.share;
  if (how === 'write') {
    const cure = method === 'sse' ? 'None: a heartbeat is what ends it' : `Hold under ${span}`;
    return { ...out, kind: 'held', silent: `Nothing, until something is written after ${span}`, cure };
  }
  if (aged) out.silent += method === 'long-polling' ? '' : `, at ${span} of age`;
  const { repeats = 0 } = first;
  if (repeats > 0) out.notice += `; the server got it ${repeats + 1} times`;
  if (method === 'long-polling') out.cure = `Hold under ${durationLabel(afterMs / (1 + repeats))}`;
  else if (aged) out.cure = 'None: it ends at this age whatever is said';
  else if (clientSilent) out.cure = 'None: a stream’s client says nothing';
  else out.cure = `${method === 'sse' ? 'A comment' : 'A ping'} every ${durationLabel(beatMs!)}`;
  // A beat keeps it from the idle limit, and brings it to its age.
  const age = endings.find((e) => e.aged);
  if (!aged && age && method !== 'long-polling') out.cure += `, up to ${durationLabel(age.afterMs)} of age`;
  return out;
}

function endText(method: HeldMethod, how: string): Pick<Outcome, 'mark' | 'silent' | 'notice'> {
  const notice =
    method === 'sse'
      ? `At once; ${EVENTSOURCE_RECONNECTS}`
      : method === 'websocket'
        ? 'At once, as close 1006'
        : 'At once';
  const status = /^\d+$/.test(how);
  if (status) return { mark: how, silent: STATUS[how] ?? '', notice: 'At once, from the status' };
  switch (how) {
    case 'write':
      return { mark: '', silent: '', notice: 'Only when the next piece should have come' };
    case 'clean':
      return { mark: 'Clean end', silent: ', as if complete', notice };
    case 'rst':
      return { mark: 'RST', silent: method === 'long-polling' ? ' without an answer' : '', notice };
    case 'close-1001':
      return { mark: '1001', silent: ', a close frame, then FIN', notice: 'At once, as close 1001' };
    case 'silence':
      return { mark: 'Silence', silent: ', RST to whoever sends next', notice: silenceNotice(method) };
    case 'black-hole':
      return { mark: 'Silence', silent: ' for good, no FIN, no RST', notice: silenceNotice(method) };
    default: {
      const rest = { 'long-polling': ' without an answer', sse: ', body unfinished', websocket: ', no close frame' };
      return { mark: 'FIN', silent: rest[method], notice };
    }
  }
}

const silenceNotice = (method: HeldMethod): string =>
  method === 'websocket'
    ? 'Only by a ping of its own, unanswered'
    : method === 'sse'
      ? 'Not at all, without a watchdog'
      : 'Only when its patience is over';

/** Events that come late although the stream lives. */
function withDelay(steps: readonly FaultSpec[], outcome: Outcome): Outcome {
  if (outcome.method !== 'sse' || outcome.kind === 'unknown') return outcome;
  const hold = steps
    .filter((s) => appliesTo(s, 'sse') && (s.name === 'buffer' || s.name === 'gzip'))
    .map(({ params }) => ({ how: String(params['hold']), honoured: params['accel'] === 'honoured' }))
    .find(({ how }) => ['block', 'until-end', 'body-until-end', 'one-behind'].includes(how));
  if (!hold) return outcome;
  const said =
    hold.how === 'one-behind'
      ? 'each event comes with the next'
      : hold.how === 'block'
        ? 'events come in blocks'
        : 'events come at its end';
  const but = hold.honoured ? ', unless X-Accel-Buffering: no' : '';
  const kind = outcome.kind === 'fine' ? 'held' : outcome.kind;
  let { cure } = outcome;
  if (hold.how === 'one-behind' && cure === 'Not needed') cure = 'A comment: it brings the last event along';
  else if (hold.honoured && cure === 'Not needed') cure = 'X-Accel-Buffering: no';
  else if (/until-end/.test(hold.how) && !hold.honoured) cure = 'Long polling: a stream shows nothing here';
  const late = hold.how === 'one-behind' || hold.how === 'block' ? hold.how : 'end';
  return {
    ...outcome,
    kind,
    cure,
    late,
    notice: outcome.kind === 'fine' ? `Late: ${said}${but}` : `${outcome.notice}; ${said}${but}`,
  };
}

const emptyOutcome = (method: Method): Outcome => ({
  method,
  kind: 'fine',
  mark: '',
  silent: '',
  notice: '',
  cure: '',
  afterMs: null,
  beatMs: null,
  aged: false,
  late: null,
});

const unknownOutcome = (method: Method): Outcome => ({
  ...emptyOutcome(method),
  kind: 'unknown',
  silent: 'Unknown',
  notice: 'Unknown',
  cure: 'Unknown',
});

const ROUND_SECONDS = [1, 2, 5, 10, 15, 20, 25, 30, 60, 90, 120, 180, 240, 300, 600, 900, 1800, 3600, 7200, 86_400];
/** Half the limit or less, in a round number of seconds. */
function heartbeatUnder(limitMs: number): number {
  const fit = ROUND_SECONDS.findLast((s) => s * 1000 <= limitMs / 2);
  return fit === undefined ? Math.floor(limitMs / 2) : fit * 1000;
}
