/** The cursor ledger in words: each time a lane lost its connection, and how it came back. */
import type { LedgerEntry } from '../../model/ledger.ts';
import { catchUpMs, reopenMs } from '../../model/ledger.ts';
import { causeLabel, dropLabel } from '../../labels/drop.ts';
import { clockFine, count, plural, seconds, span, UNKNOWN } from '../../ui/format.ts';

export interface LedgerRow {
  at: string;
  lane: string;
  method: LedgerEntry['method'];
  endedBy: string;
  /** What it took to come back; empty when the first try stood. */
  tries: string;
  sent: string;
  first: string;
  missed: string;
  lossy: boolean;
  repeated: string;
  epoch: string;
  /** How long the connection that ended had been open. */
  age: string;
  /** How long nothing had been received on it. */
  silence: string;
  detect: string;
  reopened: string;
  caughtUp: string;
  /** What it is about, to be opened. */
  drop: LedgerEntry['drop'];
  resume: LedgerEntry['resume'];
  /** Nothing ended: the row says already what became of the log. */
  gap: boolean;
}

export function ledgerRow(e: LedgerEntry, startedAt: number): LedgerRow {
  const { drop, resume } = e;
  if (e.gap) return gapRow(e, e.gap, startedAt);
  return {
    at: clockFine(e.at - startedAt, 2),
    lane: e.lane,
    method: e.method,
    endedBy: endedBy(e),
    tries: e.failedAttempts === 0 ? '' : `${plural(e.failedAttempts, 'try', 'tries')} to come back failed`,
    sent: resume ? (resume.sent ?? 'its own start') : UNKNOWN,
    first: resume ? (resume.first ?? 'no news') : UNKNOWN,
    missed: !resume ? UNKNOWN : resume.missed === null ? 'cannot know' : count(resume.missed),
    lossy: (resume?.missed ?? 0) > 0,
    repeated: !resume ? UNKNOWN : resume.repeated === null ? 'cannot know' : count(resume.repeated),
    epoch: !resume ? UNKNOWN : resume.epochChanged ? 'new' : 'same',
    age: seconds(drop?.age),
    silence: seconds(drop?.age == null ? null : drop.silence),
    detect: span(drop?.detected),
    reopened: span(reopenMs(e)),
    caughtUp: caughtUp(e),
    drop,
    resume,
    gap: false,
  };
}

const GAP_LABEL: Record<string, string> = {
  epoch: 'log lost · another epoch',
  future: 'log lost its tail',
  trimmed: 'log trimmed',
  hole: 'numbers skip',
};

/** Nothing ended and nothing resumed: the log is another, or has a hole. */
function gapRow(e: LedgerEntry, gap: NonNullable<LedgerEntry['gap']>, startedAt: number): LedgerRow {
  return {
    at: clockFine(e.at - startedAt, 2),
    lane: e.lane,
    method: e.method,
    endedBy: GAP_LABEL[gap.reason] ?? 'a gap',
    tries: '',
    sent: gap.from ?? UNKNOWN,
    first: gap.to ?? UNKNOWN,
    missed: gap.missed === null ? 'cannot know' : count(gap.missed),
    lossy: (gap.missed ?? 0) > 0,
    repeated: UNKNOWN,
    epoch: gap.reason === 'epoch' ? 'new' : 'same',
    age: UNKNOWN,
    silence: UNKNOWN,
    detect: UNKNOWN,
    reopened: UNKNOWN,
    caughtUp: UNKNOWN,
    drop: null,
    resume: null,
    gap: true,
  };
}

function caughtUp(e: LedgerEntry): string {
  const took = catchUpMs(e);
  return took === null ? UNKNOWN : `${took.atMost ? '≤ ' : ''}${span(took.ms)}`;
}

function endedBy({ drop, sleptMs: slept, method, resume }: LedgerEntry): string {
  if (slept !== null) {
    const sleep = `slept ${seconds(slept)}`;
    return drop?.cause && drop.cause !== 'client-sleep' ? `${sleep} · ${causeLabel(drop.cause)}` : sleep;
  }
  if (drop) return dropLabel(drop, method);
  switch (resume?.after) {
    case 'announced':
      return 'an announced end';
    case 'user':
      return 'you';
    case 'sleep':
      return 'sleep';
    default:
      return resume?.after ?? UNKNOWN;
  }
}

const LEDGER_COLUMNS = [
  ['at', 'At'],
  ['lane', 'Lane'],
  ['endedBy', 'Ended by'],
  ['sent', 'Sent'],
  ['first', 'First received'],
  ['missed', 'Missed'],
  ['repeated', 'Repeated'],
  ['epoch', 'Epoch'],
  ['age', 'Age'],
  ['silence', 'Silence'],
  ['detect', 'Detect'],
  ['reopened', 'Reopened'],
  ['caughtUp', 'Caught up'],
] as const satisfies readonly (readonly [Exclude<keyof LedgerRow, 'drop' | 'resume'>, string])[];

export function ledgerCsv(rows: readonly LedgerRow[]): string {
  const cell = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  return [
    LEDGER_COLUMNS.map(([, label]) => label).join(','),
    ...rows.map((row) => LEDGER_COLUMNS.map(([key]) => cell(row[key])).join(',')),
  ].join('\r\n');
}
