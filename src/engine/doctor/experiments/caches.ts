import { methodOf } from '../../../shared/dialect/model.ts';
import { cursorParameter, withQuery } from '../../../shared/dialect/plan.ts';
import { longPolling } from '../../transports/long-polling/core.ts';
import { baseHeaders } from '../connection/base-headers.ts';
import type { Exam } from '../exam.ts';
import type { Experiment } from './experiment.ts';

const TRIES = 3;
const EVERY_MS = 1100;
const TWIN_HOLD_MS = 1500;
const ACCEPT = 'application/json, */*;q=0.5';

/** The same address and one that no cache has seen, by turns; and two held polls at once. */
export const caches: Experiment = {
  name: 'caches',
  methods: ['short-polling', 'long-polling'],
  codes: ['cached'],
  cost: () => ({ connections: 2 * TRIES + 2 }),
  run: (x) => (x.m.method === 'long-polling' ? twins(x) : byTurns(x)),
};

async function byTurns(x: Exam): Promise<void> {
  const { m } = x;
  const headers = baseHeaders(m, ACCEPT);
  const from = x.clock.now();
  for (let i = 0; i < TRIES; i++) {
    const token = `hl${Math.floor(x.random.next() * 36 ** 5).toString(36)}`;
    const limits = { headWithinMs: Math.min(4000, x.left()), bodyForMs: 1500 };
    const plain = await x.ask({ name: 'cache', url: m.url, headers, ...limits });
    const busted = plain && (await x.ask({ name: 'cache', url: withQuery(m.url, '_', token), headers, ...limits }));
    if (!busted) return;
    m.cacheTries.push({ plain, busted, token });
    m.cacheSpanMs = x.clock.now() - from;
    if (i + 1 < TRIES && !(await x.rest(EVERY_MS))) return;
  }
}

async function twins(x: Exam): Promise<void> {
  const { m } = x;
  const name = cursorParameter(m.dialect, 'long-polling');
  if (methodOf(m.dialect, 'long-polling').hold === null || m.dialect.start.now === null || name === null) {
    m.notTried['cache'] = 'The dialect cannot ask for a short hold.';
    return;
  }
  if (!(await x.rest(1000))) return;
  const asked = longPolling(m.dialect).requestFor(withQuery(m.url, name, m.dialect.start.now), TWIN_HOLD_MS);
  const q = {
    name: 'twin',
    url: asked.url,
    headers: { ...baseHeaders(m, ACCEPT), ...asked.headers },
    headWithinMs: Math.min(TWIN_HOLD_MS * 4, x.left()),
    bodyForMs: 1000,
  };
  const [first, second] = await Promise.all([x.ask(q), x.rest(60).then(() => x.ask(q))]);
  if (first && second) m.twins = { holdMs: TWIN_HOLD_MS, first, second };
}
