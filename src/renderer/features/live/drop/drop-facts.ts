/** What the card of a drop says: only what is known, and how it is known. */
import type { Cause } from '../../../../shared/catalog.ts';
import { parseCursor } from '../../../../shared/protocol/cursor.ts';
import { explainPath } from '../../../../shared/path/explain.ts';
import { recordedPath } from '../../../../shared/path/resolve.ts';
import { stepsOf, type PathStep } from '../../../../shared/path/spec.ts';
import { evidenceSentence } from '../../../labels/drop.ts';
import type { DropMark } from '../../../model/lane-marks.ts';
import type { LaneModel } from '../../../model/lane-model.ts';
import type { LedgerEntry } from '../../../model/ledger.ts';
import type { RunModel } from '../../../model/run-model.ts';
import { count, plural, seconds } from '../../../ui/format.ts';

/** How sure it is who closed: our own doing, or told from what came. */
export type Knowledge = 'known: our own path' | 'known: our own server' | 'known: this client' | 'inferred';

export interface DropFacts {
  saw: string;
  sawAside: string | null;
  by: string;
  knowledge: Knowledge | null;
  age: string;
  /** What the path noted of it; null where the path is not ours or did nothing. */
  pathDid: string | null;
  lost: { text: string; bad: boolean; aside: string | null };
}

/** The path a lane was on at a time; null where it is not known in parts. */
export function pathAt(run: RunModel, at: number): PathStep[] | null {
  const fact = run.conditions.items.findLast((c) => c.kind === 'path' && c.at <= at)?.observation;
  const via = fact?.type === 'path' ? fact.via : run.path.via;
  const spec = recordedPath(via);
  return spec ? stepsOf(spec) : null;
}

/** When the path of that time was laid: silences before it count for nothing. */
export const pathLaidAt = (run: RunModel, at: number): number =>
  run.conditions.items.findLast((c) => c.kind === 'path' && c.at <= at)?.at ?? run.startedAt;

/** How the lane came back from it, where it has. */
export const entryOf = (run: RunModel, drop: DropMark): LedgerEntry | null =>
  run.ledger.items.findLast((e) => e.drop?.n === drop.n) ?? null;

/** The whole limit that met the lane, ms; null where the path has none for it. */
export function limitOf(steps: readonly PathStep[] | null, lane: LaneModel): number | null {
  const end = steps && explainPath(steps, lane.method).end;
  return end?.when.on === 'silence' ? end.when.ms : null;
}

export function dropFacts(run: RunModel, lane: LaneModel, drop: DropMark): DropFacts {
  const open = drop.age == null ? 'never open' : `${seconds(drop.age)} open`;
  return {
    saw: sawWords(drop),
    sawAside: lane.method === 'websocket' && !drop.evidence.startsWith('close:') ? 'a browser says 1006' : null,
    ...closedBy(drop),
    age: `${open}, silent for the last ${seconds(drop.silence)}`,
    pathDid: pathDid(run, drop),
    lost: lostWords(lane, entryOf(run, drop)),
  };
}

function sawWords(drop: DropMark): string {
  const reason = drop.reason === undefined || drop.reason === '' ? '' : `, “${drop.reason}”`;
  if (drop.evidence === 'fin') return 'FIN, no word before it';
  return `${evidenceSentence(drop.evidence)}${reason}`;
}

const CAUSE_NAME: Record<Cause, string> = {
  'idle-limit': 'idle limit',
  cut: 'cut by hand',
  'client-sleep': 'while it slept',
  'stood-still': 'stood still',
  offline: 'offline',
  'missed-heartbeats': 'its own watchdog',
  'pong-deadline': 'no pong in time',
  restart: 'restart',
  kill: 'killed',
  'black-hole': 'black hole',
  'close-after': 'a rule',
  'half-close': 'half-close',
  refuse: 'a rule that refuses',
  'slow-consumer': 'too slow a reader',
  'target-unreachable': 'cannot reach the target',
  'kept-connection': 'a kept connection',
  'too-big': 'a message too big',
};

function closedBy(drop: DropMark): Pick<DropFacts, 'by' | 'knowledge'> {
  const { by, cause, evidence } = drop;
  const why = cause === undefined ? '' : `, ${CAUSE_NAME[cause]}`;
  if (by === 'client') return { by: `This client${why}`, knowledge: 'known: this client' };
  if (by === 'path') {
    const own = cause !== undefined;
    return { by: `The path${why}`, knowledge: own ? 'known: our own path' : 'inferred' };
  }
  if (by === 'server') {
    const own = cause === 'restart' || cause === 'kill' || cause === 'slow-consumer' || cause === 'pong-deadline';
    const told = evidence.startsWith('close:') || evidence.startsWith('status:') ? ', by its own word' : '';
    return { by: `The server${why || told}`, knowledge: own ? 'known: our own server' : 'inferred' };
  }
  const what = evidence === 'fin' || evidence === 'rst' ? evidence.toUpperCase() : 'It came';
  return { by: `${what} from there; who sent it cannot be known`, knowledge: null };
}

/** What a fault of the path noted just then. */
function pathDid(run: RunModel, drop: DropMark): string | null {
  const died = drop.at - (drop.detected ?? 0);
  const fired = run.facts.items.findLast(
    (o) =>
      o.type === 'fault' &&
      o.action === 'fire' &&
      (o.lane === null || o.lane === drop.lane) &&
      o.at <= drop.at + 50 &&
      o.at >= died - 250,
  );
  return fired?.type === 'fault' ? `${fired.name}: ${fired.detail}` : null;
}

function lostWords(lane: LaneModel, entry: LedgerEntry | null): DropFacts['lost'] {
  const resume = entry?.resume;
  if (!resume) {
    const still = lane.state !== 'open';
    return { text: still ? 'not known before it is back' : 'not known: nothing came since', bad: false, aside: null };
  }
  const from = resume.sent === null ? 'resumed from its own start' : `resumed from ${resume.sent}`;
  const repeated = resume.repeated ? `, ${count(resume.repeated)} repeated` : '';
  if (resume.missed === null) return { text: 'cannot know: ids are not dense', bad: false, aside: from + repeated };
  if (resume.missed === 0) return { text: 'nothing', bad: false, aside: from + repeated };
  const range = missedRange(resume.sent, resume.first, resume.missed);
  return { text: `${plural(resume.missed, 'event')}${range}`, bad: true, aside: from + repeated };
}

/** The cursors of what never came, where they are dense. */
function missedRange(sent: string | null, first: string | null, missed: number): string {
  const after = sent === null ? null : parseCursor(sent);
  const before = first === null ? null : parseCursor(first);
  if (!after || !before || after.epoch !== before.epoch || before.seq - after.seq - 1 !== missed) return '';
  const from = `${after.epoch}.${after.seq + 1}`;
  return missed === 1 ? `, ${from}` : `, ${from} to ${before.seq - 1}`;
}
