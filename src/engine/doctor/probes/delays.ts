/** How late events come, read from the origin's own times or from what two connections saw. */
import type { SeenEvent, Watched } from '../connection/watched.ts';
import type { Material } from '../material.ts';

/** Sooner after one another than this they came together. */
const TOGETHER_MS = 25;

export interface Delayed {
  event: SeenEvent;
  /** When it was sent, on our clock; null where that is not known. */
  sentAt: number | null;
  /** Ms; null where it is not known. */
  late: number | null;
}

export interface Clump {
  at: number;
  events: Delayed[];
}

/** When an event was made, as it says itself: the dialect's time, else a time in ms or an ISO date in its data. */
function originTime(event: SeenEvent, unixNow: number): number | null {
  if (event.time !== null) return event.time;
  const day = 86_400_000;
  const near = (ms: number): boolean => Math.abs(ms - unixNow) < day;
  for (const [digits] of event.data.matchAll(/(?<![\d.])1[5-9]\d{11}(?:\.\d+)?(?![\d])/g)) {
    if (near(Number(digits))) return Number(digits);
  }
  const iso = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,9}(?:Z|[+-]\d\d:?\d\d)/.exec(event.data);
  if (iso) {
    const ms = Date.parse(iso[0]);
    if (near(ms)) return ms;
  }
  return null;
}

/** The events of one connection that were sent while it stood, with their delays. */
export function delaysOf(m: Material, w: Watched): Delayed[] {
  const from = w.requestedAt ?? 0;
  const lead = m.unixLead();
  const all = w.events.map((event): Delayed => {
    const made = originTime(event, event.at + lead);
    return { event, sentAt: made === null ? null : made - lead, late: null };
  });
  const offset = m.sameClock ? 0 : clockOffset(m);
  for (const one of all) {
    if (one.sentAt === null) continue;
    one.sentAt += offset;
    one.late = one.event.at - one.sentAt;
  }
  // what had been sent before was replayed, and is no measure
  return all.filter((one) => one.sentAt === null || one.sentAt >= from - 50);
}

/** Of two clocks that are not one, the quickest event tells how far they are apart, but for its own way. */
function clockOffset(m: Material): number {
  const lead = m.unixLead();
  let least = Infinity;
  for (const w of m.plain) {
    for (const event of w.events) {
      const made = originTime(event, event.at + lead);
      if (made !== null) least = Math.min(least, event.at - (made - lead));
    }
  }
  return Number.isFinite(least) ? least : 0;
}

/** Events that came together. */
export function clumpsOf(delayed: readonly Delayed[]): Clump[] {
  const clumps: Clump[] = [];
  let last = -Infinity;
  for (const one of delayed) {
    if (one.event.at - last > TOGETHER_MS) clumps.push({ at: one.event.at, events: [] });
    clumps.at(-1)!.events.push(one);
    last = one.event.at;
  }
  return clumps;
}

/** What makes an event the same on two connections. */
export const keyOf = (e: SeenEvent): string => e.id ?? `${e.type} ${e.data}`;

/** How much later than on the quickest connection each event came here. */
export function lateAgainstOthers(w: Watched, others: readonly Watched[]): { event: SeenEvent; late: number }[] {
  const quickest = new Map<string, number>();
  for (const other of [w, ...others]) {
    for (const event of other.events) {
      const key = keyOf(event);
      quickest.set(key, Math.min(quickest.get(key) ?? Infinity, event.at));
    }
  }
  return w.events.map((event) => ({ event, late: event.at - quickest.get(keyOf(event))! }));
}
