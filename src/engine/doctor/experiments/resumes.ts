import { asksForCursor } from '../../../shared/dialect/plan.ts';
import type { Exam } from '../exam.ts';
import type { ResumeTry } from '../material.ts';
import { seenInOrder } from '../probes/resume.ts';
import type { Experiment } from './experiment.ts';

const ENOUGH = 6;
const LOOK_MS = 100;
const KINDS = 8;

/** Goes on from cursors that were seen, and from some that cannot be: what comes first, and is a gap said? */
export const resumes: Experiment = {
  name: 'resumes',
  methods: ['sse', 'websocket', 'long-polling', 'short-polling'],
  codes: ['resume', 'no-replay'],
  cost: () => ({ connections: KINDS + 1, requests: KINDS * 2 + 2 }),
  async run(x) {
    const { m } = x;
    if (!asksForCursor(m.dialect, m.method)) {
      m.notTried['resume'] = 'The dialect has no way to ask from a cursor.';
      return;
    }
    // half the time is for events to come; what there is then has to do
    const waitUntil = x.clock.now() + x.left() * 0.45;
    while (seenInOrder(m).length < ENOUGH && x.clock.now() < waitUntil) {
      if (!(await x.rest(LOOK_MS))) return;
    }
    const seen = seenInOrder(m);
    if (seen.length < 2) {
      m.notTried['resume'] = seen.length === 0 ? `No event with an id came.` : 'Only one event with an id came.';
      return;
    }
    const at = (share: number): string => seen[Math.floor((seen.length - 1) * share)]!.id;
    await Promise.all([
      go(x, 'fresh', null),
      go(x, 'middle', at(0.5)),
      go(x, 'newest', seen.at(-1)!.id),
      seen.length > 2 ? go(x, 'first', seen[0]!.id) : null,
      later(x),
    ]);
    const ids = seenInOrder(m).map((e) => e.id);
    const stale = staleOf(ids);
    const epoch = epochOf(seenInOrder(m));
    await Promise.all([
      stale === null ? null : go(x, 'stale', stale),
      epoch === null ? null : go(x, 'epoch', epoch),
      go(x, 'malformed', '~'),
    ]);
  },
};

/** The oldest cursor once more, when as much as can be has been forgotten. */
async function later(x: Exam): Promise<void> {
  const { m } = x;
  const wait = Math.min(x.left() * 0.5, 20_000);
  const until = x.clock.now() + wait;
  while (x.clock.now() < until && seenInOrder(m).length < 40) if (!(await x.rest(LOOK_MS * 2))) return;
  await go(x, 'first', seenInOrder(m)[0]!.id);
}

async function go(x: Exam, kind: ResumeTry['kind'], cursor: string | null): Promise<void> {
  const poll = x.m.method === 'short-polling' || x.m.method === 'long-polling';
  const w = x.watch(`resume (${kind})`, {
    cursor,
    resume: cursor !== null,
    ...(poll ? { maxRequests: 2, holdMs: 1000 } : {}),
  });
  if (!w) return;
  x.m.resumes.push({ kind, cursor, watched: w });
  await w.until(() => w.openAt !== null, Math.min(6000, x.left()));
  const due = dueAfter(x, cursor, w.requestedAt ?? x.clock.now());
  await w.until(() => w.events.length > due, Math.min(2500, x.left()));
  // what came together may still be coming
  if (w.end === null) await x.rest(150);
  w.stop();
}

function dueAfter(x: Exam, cursor: string | null, requestedAt: number): number {
  const seen = seenInOrder(x.m);
  const at = seen.findIndex((e) => e.id === cursor);
  return at < 0 ? 1 : seen.slice(at + 1).filter((e) => e.at < requestedAt).length;
}

/** The first number of a count that goes up by one; null where ids are no such count or begin with it. */
function staleOf(ids: readonly string[]): string | null {
  const parts = ids.map((id) => /^(.*?)(\d{1,15})$/.exec(id));
  if (parts.length < 3 || parts.some((p) => p === null || p[1] !== parts[0]![1])) return null;
  const numbers = parts.map((p) => Number(p![2]));
  const dense = numbers.every((n, i) => i === 0 || n === numbers[i - 1]! + 1);
  return dense && numbers[0]! > 2 ? `${parts[0]![1]}1` : null;
}

/** A cursor as it would be of another life of the log; null where ids show no epoch. */
function epochOf(events: readonly { id: string; at: number }[]): string | null {
  const parts = events.map(({ id }) => /^(.{6,})([.:-])(\d{1,15})$/.exec(id));
  if (parts.length < 3 || parts.some((p) => p === null || p[1] !== parts[0]![1])) return null;
  if (events.at(-1)!.at - events[0]!.at < 1500) return null;
  const [, epoch = '', mark = ''] = parts[0]!;
  // a word in front of a number is a name, and no epoch
  if (!/\d/.test(epoch)) return null;
  const other = epoch.replace(/[0-9a-zA-Z](?=[^0-9a-zA-Z]*$)/, (c) =>
    /\d/.test(c) ? String((Number(c) + 5) % 10) : c === 'a' ? 'b' : 'a',
  );
  return `${other}${mark}${parts.at(-1)![3]}`;
}
