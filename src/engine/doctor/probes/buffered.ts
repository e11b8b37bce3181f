import type { Watched } from '../connection/watched.ts';
import type { Judgement, Material } from '../material.ts';
import { clumpsOf, delaysOf, keyOf, lateAgainstOthers, type Clump, type Delayed } from './delays.ts';
import { median, msText, plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Less is no problem. */
const LATE_MS = 250;
const FEWEST = 4;

/** Promise: events that come later than they were sent, and by which rule they are let go. */
export const buffered: Probe = {
  code: 'buffered',
  judge(m) {
    if (!m.opened && m.plain.every((w) => w.events.length === 0))
      return heldBack(m) ?? { unknown: 'No connection opened.' };
    const best = m.plain.filter(
      (w) => w.head?.fields['content-encoding'] === undefined || w.order.method === 'websocket',
    );
    const lanes = best.map((w) => ({ w, delayed: delaysOf(m, w) }));
    const timed = lanes.filter(({ delayed }) => delayed.filter((d) => d.late !== null).length >= FEWEST);
    if (timed.length > 0) {
      const lane = timed.sort((a, b) => b.delayed.length - a.delayed.length)[0]!;
      return judgeTimed(m, lane.w, lane.delayed);
    }
    const published = judgePublished(m);
    if (published) return published;
    return judgeUntimed(m, best) ?? { unknown: unknownReason(m) };
  },
};

function unknownReason(m: Material): string {
  const events = m.plain.reduce((n, w) => n + w.events.length, 0);
  if (events === 0) return `No event came in ${msText(m.now() - m.startedAt)}.`;
  return `${plural(events, 'event')} came, without times of their own: too little to tell clumps of the path from those of the origin.`;
}

function judgeTimed(m: Material, w: Watched, delayed: readonly Delayed[]): Judgement {
  const known = delayed.filter((d): d is Delayed & { sentAt: number; late: number } => d.late !== null);
  const late = known.filter((d) => d.late > LATE_MS);
  const typical = median(known.map((d) => d.late));
  if (late.length < Math.max(3, known.length * 0.25)) {
    return {
      verdict: 'ok',
      value: Math.max(0, Math.round(typical)),
      text: `Events arrive when they are sent: ${plural(known.length, 'event')}, ${msText(Math.max(0, typical))} each.`,
      evidence: [],
    };
  }
  const { kind, value, unit, text } = ruleOf(w, known);
  return {
    verdict: 'problem',
    kind,
    value: Math.round(value),
    ...(unit === 'bytes' ? { unit } : {}),
    text: `${text} ${plural(late.length, 'event')} of ${known.length} came later than ${LATE_MS} ms.`,
    evidence: late.slice(0, 5).map((d) => ({
      at: Math.round(d.event.at - m.startedAt),
      what: `${w.order.name}: an event that was sent ${msText(d.late)} before`,
      bytes: d.event.data.slice(0, 200),
    })),
  };
}

interface Rule {
  kind: string;
  value: number;
  unit: 'ms' | 'bytes';
  text: string;
}

function ruleOf(w: Watched, known: readonly (Delayed & { sentAt: number; late: number })[]): Rule {
  const worst = Math.max(...known.map((d) => d.late));
  const end = w.end?.at ?? null;
  const clumps = clumpsOf(known);
  if (end !== null && clumps.length === 1 && end - clumps[0]!.at < 500 && clumps[0]!.at - w.requestedAt! > 1000) {
    return { kind: 'until-end', value: worst, unit: 'ms', text: 'Events come only when the answer ends.' };
  }
  if (isOneBehind(known)) {
    const usual = median(known.map((d) => d.late));
    return { kind: 'one-behind', value: usual, unit: 'ms', text: 'Each event comes only when the next one is sent.' };
  }
  return clumpRule(w, clumps, worst);
}

/** Each came as the one after it was sent. */
function isOneBehind(known: readonly { sentAt: number; event: { at: number } }[]): boolean {
  let fits = 0;
  for (let i = 0; i + 1 < known.length; i++) {
    if (Math.abs(known[i]!.event.at - known[i + 1]!.sentAt) < 120) fits++;
  }
  return fits >= (known.length - 1) * 0.7;
}

function clumpRule(w: Watched, clumps: readonly Clump[], worst: number): Rule {
  const whole = clumps.slice(0, -1).length >= 2 ? clumps : clumps;
  const sizes = sizesOf(w, whole);
  const size = sizes.length > 0 ? median(sizes) : 0;
  const gaps = whole.slice(1).map((c, i) => c.at - whole[i]!.at);
  const waits = whole.flatMap((c) => (c.events[0]?.late == null ? [] : [c.events[0].late]));
  const bySize: Rule = {
    kind: 'by-size',
    value: powerNear(size, largestEvent(whole)) ?? size,
    unit: 'bytes',
    text: `Events come in clumps of about ${Math.round(size).toLocaleString('en-US')} bytes.`,
  };
  const waitRule = waits.length >= 2 && variation(waits) < 0.08;
  const periodRule = gaps.length >= 2 && variation(gaps) < 0.05;
  const byTime: Rule = {
    kind: 'by-time',
    value: periodRule ? median(gaps) : waits.length > 0 ? median(waits) : worst,
    unit: 'ms',
    text: `Events are let go every ${msText(periodRule ? median(gaps) : worst)}.`,
  };
  if (sizes.length >= 2 && powerNear(size, largestEvent(whole)) !== null && variation(sizes) < 0.3) return bySize;
  if (waitRule || periodRule) {
    // with events of one size at one pace both fit: the steadier of the two is the rule
    const steadier = Math.min(waitRule ? variation(waits) : 1, periodRule ? variation(gaps) : 1);
    return sizes.length >= 2 && variation(sizes) < steadier / 2 && variation(gaps) > 0.03 ? bySize : byTime;
  }
  if (sizes.length >= 2 && variation(sizes) < 0.25) return bySize;
  if (whole.length < 3 && worst > 1000) return bySize;
  return byTime;
}

/** Bytes between the ends of clumps: what was let go at once. */
function sizesOf(w: Watched, clumps: readonly Clump[]): number[] {
  const totalAt = (at: number): number => w.arrivals.findLast((a) => a.at <= at + 20)?.total ?? 0;
  return clumps
    .slice(1)
    .map((c, i) => totalAt(c.events.at(-1)!.event.at) - totalAt(clumps[i]!.events.at(-1)!.event.at));
}

const largestEvent = (clumps: readonly Clump[]): number =>
  Math.max(1, ...clumps.flatMap((c) => c.events.map((d) => d.event.bytes)));

/** Buffers have round sizes: a clump reaches past one by at most an event and its framing. */
function powerNear(bytes: number, event: number): number | null {
  for (const power of [1024, 2048, 4096, 8192, 16_384, 32_768, 65_536]) {
    if (bytes >= power - event * 0.75 - 16 && bytes <= power + event + 64) return power;
  }
  return null;
}

function variation(values: readonly number[]): number {
  const middle = median(values);
  return middle === 0 ? 1 : median(values.map((v) => Math.abs(v - middle))) / middle + spreadShare(values, middle) / 20;
}
const spreadShare = (values: readonly number[], middle: number): number =>
  (Math.max(...values) - Math.min(...values)) / middle;

/** Own publishes tell when they were sent. */
function judgePublished(m: Material): Judgement | null {
  const sent = m.published.filter((p) => p.ok);
  if (sent.length < 2) return null;
  const arrived = sent.map((p) => {
    const seen = m.plain.flatMap((w) => w.events.filter((e) => e.data.includes(p.token)));
    return { p, at: seen.length > 0 ? Math.min(...seen.map((e) => e.at)) : null };
  });
  const came = arrived.filter((a) => a.at !== null);
  const evidence = arrived.map(({ p, at }) => ({
    at: Math.round(p.at - m.startedAt),
    what: at === null ? 'published, and not come' : `published, and come ${msText(at - p.at)} later`,
    bytes: p.token,
  }));
  if (came.length === 0) {
    return {
      verdict: 'problem',
      kind: 'until-end',
      value: Math.round(m.now() - sent[0]!.at),
      text: `None of ${sent.length} published events came within ${msText(m.now() - sent[0]!.at)}.`,
      evidence,
    };
  }
  const delays = came.map(({ p, at }) => at! - p.at);
  const late = delays.filter((ms) => ms > LATE_MS);
  if (late.length * 2 <= delays.length) {
    return {
      verdict: 'ok',
      value: Math.round(median(delays)),
      text: `What was published came after ${msText(median(delays))}.`,
      evidence,
    };
  }
  const behind = arrived.filter(
    ({ at }, i) => at !== null && i + 1 < sent.length && Math.abs(at - sent[i + 1]!.at) < 200,
  );
  const kind = behind.length >= came.length * 0.6 ? 'one-behind' : 'by-time';
  return {
    verdict: 'problem',
    kind,
    value: Math.round(median(delays)),
    text:
      kind === 'one-behind'
        ? 'Each published event comes only with the next one.'
        : `What is published comes ${msText(median(delays))} later.`,
    evidence,
  };
}

/** The same event at different times on two connections was held for one of them; equal times say nothing of what both waited. */
function judgeUntimed(m: Material, lanes: readonly Watched[]): Judgement | null {
  const shared = lanes.map((w) => ({
    w,
    seen: lateAgainstOthers(w, lanes).filter(({ event }) => isLiveOnAll(event, lanes)),
  }));
  const all = shared.flatMap(({ seen }) => seen);
  const late = all.filter((one) => one.late > LATE_MS);
  if (late.length >= 3 && late.length > all.length * 0.15) {
    const worst = shared.sort((a, b) => b.w.events.length - a.w.events.length)[0]!.w;
    const rule = clumpRule(worst, clumpsOf(delaysOf(m, worst)), Math.max(...late.map((one) => one.late)));
    return {
      verdict: 'problem',
      kind: rule.kind,
      value: Math.round(rule.value),
      ...(rule.unit === 'bytes' ? { unit: 'bytes' } : {}),
      text: `${rule.text} One event came ${msText(Math.max(...late.map((one) => one.late)))} later on one connection than on another.`,
      evidence: late.slice(0, 4).map(({ event, late: ms }) => ({
        at: Math.round(event.at - m.startedAt),
        what: `an event that another connection had ${msText(ms)} before`,
        bytes: event.data.slice(0, 200),
      })),
    };
  }
  // a stream that shows everything in its last moment was held to its end
  const atEnd = lanes.filter((w) => {
    const first = w.events[0];
    return (
      w.end !== null && first && w.events.length >= 3 && w.end.at - first.at < 300 && first.at - w.requestedAt! > 2000
    );
  });
  if (atEnd.length >= 2) {
    return {
      verdict: 'problem',
      kind: 'until-end',
      value: Math.round(median(atEnd.map((w) => w.end!.at - w.requestedAt!))),
      text: 'Every event comes in the last moment of its connection.',
      evidence: atEnd.slice(0, 3).map((w) => ({
        at: Math.round(w.events[0]!.at - m.startedAt),
        what: `${w.order.name}: ${plural(w.events.length, 'event')} within ${msText(w.end!.at - w.events[0]!.at)} of the end`,
      })),
    };
  }
  const single = clumpsOf(delaysOf(m, lanes[0] ?? m.plain[0]!)).filter((c) => c.events.length === 1).length;
  if (all.length >= FEWEST && single >= FEWEST) {
    return {
      verdict: 'ok',
      text: `Events come one by one (${plural(all.length, 'event')}); they carry no times, so a constant delay would not show.`,
      evidence: [],
    };
  }
  return null;
}

/** On connections that stood before it came anywhere: no replay. */
function isLiveOnAll(event: Watched['events'][number], lanes: readonly Watched[]): boolean {
  const key = keyOf(event);
  const times = lanes.flatMap((w) => w.events.filter((e) => keyOf(e) === key).map((e) => ({ w, at: e.at })));
  const first = Math.min(...times.map((t) => t.at));
  return (
    times.every(({ w }) => w.openAt !== null && (w.requestedAt ?? Infinity) < first - 50) &&
    new Set(times.map((t) => t.w)).size === times.length
  );
}

/** Connections that never showed a head though events were published. */
function heldBack(m: Material): Judgement | null {
  const sent = m.published.filter((p) => p.ok);
  if (sent.length < 2 || m.plain.length === 0) return null;
  return {
    verdict: 'problem',
    kind: 'until-end',
    value: Math.round(m.now() - sent[0]!.at),
    text: `Neither head nor event came within ${msText(m.now() - sent[0]!.at)} of ${sent.length} publishes.`,
    evidence: [],
  };
}
