import { formatDuration, parseDuration, parseRate } from '../../../shared/duration.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { failureData } from '../../../shared/failure.ts';
import { STORM_LIMITS, type BackoffKind, type StormSpec } from '../../../shared/storm.ts';

/** What is typed, before it is a storm. */
export interface StormDraft {
  clients: string;
  outage: string;
  capacity: string;
  kind: BackoffKind;
  base: string;
  cap: string;
  seed: string;
}

export type StormField = keyof StormDraft;

export const FIRST_DRAFT: StormDraft = {
  clients: '50000',
  outage: '30s',
  capacity: '2000/s',
  kind: 'full-jitter',
  base: formatDuration(DEFAULTS.backoff.baseMs),
  cap: formatDuration(DEFAULTS.backoff.capMs),
  seed: '1',
};

/** The storm, or what is wrong with each field. */
export function readDraft(draft: StormDraft): {
  spec: StormSpec | null;
  problems: Partial<Record<StormField, string>>;
} {
  const problems: Partial<Record<StormField, string>> = {};
  const read = (
    field: StormField,
    parse: (text: string) => number,
    low: number,
    high: number,
    range: string,
  ): number => {
    try {
      const value = parse(draft[field].trim());
      if (value >= low && value <= high) return value;
      problems[field] = range;
    } catch (error) {
      const { message, hint } = failureData(error);
      problems[field] = hint ?? message;
    }
    return NaN;
  };
  const whole = (text: string): number =>
    /^\d{1,10}$/.test(text.replaceAll(/[ ,_]/g, '')) ? Number(text.replaceAll(/[ ,_]/g, '')) : NaN;
  const clients = read('clients', whole, 1, STORM_LIMITS.clients, 'Give 1 to 2,000,000.');
  const outageMs = read('outage', (text) => parseDuration(text), 0, STORM_LIMITS.outageMs, 'Give at most 1h.');
  const capacity =
    draft.capacity.trim() === ''
      ? null
      : read('capacity', (text) => parseRate(text), 0.001, 1e6, 'Give at most 1000000/s.');
  const baseMs = read('base', (text) => parseDuration(text), 1, 3_600_000, 'Give 1ms to 1h.');
  const capMs = read('cap', (text) => parseDuration(text), 1, 3_600_000, 'Give 1ms to 1h.');
  const seed = read('seed', whole, 0, 2 ** 32 - 1, 'A whole number up to 4294967295.');
  if (baseMs > capMs) problems.base = 'The base is longer than the cap.';
  const policy = { kind: draft.kind, baseMs, capMs, floorMs: DEFAULTS.backoff.floorMs };
  return { spec: Object.keys(problems).length > 0 ? null : { clients, outageMs, capacity, policy, seed }, problems };
}
