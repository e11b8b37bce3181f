import { methodOf } from '../../../shared/dialect/model.ts';
import type { Watched } from '../connection/watched.ts';
import type { HeldTry, Material } from '../material.ts';

/** Every poll that was to be held, by now. */
export const heldTries = (m: Material): HeldTry[] => m.polled.flatMap((w) => triesOf(w, m.now()));

/** Each request of a poller, and how it came out. */
function triesOf(w: Watched, now: number): HeldTry[] {
  const tries = w.answers.map((a, i): HeldTry => {
    const before = i === 0 ? (w.requestTimes[0] ?? a.at) : w.answers[i - 1]!.at;
    const news = w.events.some((e) => e.at > before && e.at <= a.at + 20);
    return { ms: a.took, status: a.status, how: 'answer', empty: !news, head: w.lastHead };
  });
  // the first of a connection asks for no hold, where a hold can be asked for
  if (methodOf(w.order.dialect, 'long-polling').hold !== null) tries.shift();
  const lastRequest = w.requestTimes.at(-1);
  if (lastRequest !== undefined && w.requestTimes.length > w.answers.length) {
    const evidence = w.end?.evidence;
    const how = evidence === 'fin' || evidence === 'rst' || evidence === 'no-answer' ? evidence : 'held';
    const until = w.end?.at ?? (w.stopped ? null : now);
    if (until !== null) tries.push({ ms: until - lastRequest, status: null, how, empty: true, head: null });
  }
  return tries;
}
