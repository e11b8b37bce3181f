import type { LaneSummary } from '../../shared/lane-summary.ts';
import { bytes, ms, number, share } from './units.ts';
import { table } from './table.ts';

/** A lane that never opened has no counts; one that did may not be able to know them. */
const known = (lane: LaneSummary, count: number | null): string =>
  count === null && lane.received !== null ? 'cannot know' : number(count);

/** Lanes side by side; with more of them lines would break. */
const COLUMNS = 8;

/** What each lane came to, a column a lane, in as many tables as it takes. */
export function summaryTable(lanes: Record<string, LaneSummary>): string {
  const ids = Object.keys(lanes);
  if (ids.length === 0) return '  No lanes.';
  const tables = Math.ceil(ids.length / COLUMNS);
  return Array.from({ length: tables }, (_, i) => lanesTable(lanes, ids.slice(i * COLUMNS, (i + 1) * COLUMNS))).join(
    '\n\n',
  );
}

/** Only where there are tokens, or a stream that has a terminal message has ended. */
function tokenRows(
  all: readonly LaneSummary[],
  row: (label: string, value: (s: LaneSummary) => string) => string[],
): string[][] {
  const rows: string[][] = [];
  if (all.some((s) => s.tokens != null)) {
    rows.push(
      row('tokens', (s) => number(s.tokens?.count ?? null)),
      row('to the first token, p50', (s) => ms(s.tokens?.timeToFirst?.p50 ?? null)),
      row('between tokens, p50', (s) => ms(s.tokens?.gaps?.p50 ?? null)),
      row('between tokens, p99', (s) => ms(s.tokens?.gaps?.p99 ?? null)),
      row('came with the one before', (s) => number(s.tokens?.clumped ?? null)),
      row('tokens twice', (s) => number(s.tokens?.repeated ?? null)),
      row('resumed by', (s) => (s.tokens?.resumedBy ? `${s.tokens.resumedBy.method} from a cursor` : number(null))),
    );
  }
  const tells = all.some((s) => s.tokens != null || s.truncated === true);
  if (tells) rows.push(row('terminal message', (s) => terminal(s.truncated ?? null)));
  return rows;
}

const terminal = (truncated: boolean | null): string =>
  truncated === null ? number(null) : truncated ? 'NOT COME' : 'came';

function lanesTable(lanes: Record<string, LaneSummary>, ids: readonly string[]): string {
  const all = ids.map((id) => lanes[id]!);
  const row = (label: string, value: (s: LaneSummary) => string): string[] => [label, ...all.map(value)];
  const rows: string[][] = [
    ['', ...ids],
    row('events, new', (s) => (s.received === null ? number(null) : number(s.unique))),
    row('repeated', (s) => known(s, s.duplicates)),
    row('missed', (s) => known(s, s.missed)),
    row('replayed', (s) => number(s.replayed)),
    row('drops', (s) => number(s.drops)),
    row('planned ends', (s) => number(s.ended)),
    row('reconnects', (s) => number(s.reconnects)),
    row('latency p50', (s) => ms(s.latency?.p50 ?? null)),
    row('latency p95', (s) => ms(s.latency?.p95 ?? null)),
    row('latency max', (s) => ms(s.latency?.max ?? null)),
    row('to detect a drop, p95', (s) => ms(s.timeToDetect?.p95 ?? null)),
    row('to open again, p95', (s) => ms(s.timeToReopen?.p95 ?? null)),
    row('to recover, p95', (s) => ms(s.timeToRecover?.p95 ?? null)),
    ...tokenRows(all, row),
    row('requests', (s) => number(s.requests)),
    row('empty answers', (s) => (s.emptyResponses === 0 ? '0' : share(s.emptyResponses, s.requests))),
    row('of them 304', (s) => number(s.notModified)),
    row('bytes in', (s) => bytes(s.bytesIn)),
    row('bytes out', (s) => bytes(s.bytesOut)),
    row('bytes per event', (s) => bytes(s.bytesPerEvent)),
    row('connection held', (s) => ms(s.heldOpenMs)),
    row('longest silence', (s) => ms(s.longestSilenceMs)),
    ...(all.some((s) => s.insecure) ? [row('certificates', (s) => (s.insecure ? 'NOT CHECKED' : 'checked'))] : []),
  ];
  return table(rows);
}
