import { methodOf } from '../../../shared/dialect/model.ts';
import { baseHeaders } from '../connection/base-headers.ts';
import type { Experiment } from './experiment.ts';

const REQUESTS = 6;
const LEAST_EVERY_MS = 1000;
const ACCEPT = 'application/json, */*;q=0.5';

/** A handful of polls, as a client makes them, and one that names the validator of the answer before. */
export const polls: Experiment = {
  name: 'polls',
  methods: ['short-polling'],
  codes: ['poll-cost', 'head-late', 'resume', 'no-replay', 'cached', 'speaks', 'advice'],
  cost: () => ({ connections: 3, requests: REQUESTS + 3 }),
  async run(x) {
    const { m } = x;
    const w = x.watch('polls', { pollMs: LEAST_EVERY_MS, maxRequests: REQUESTS });
    if (!w) return;
    m.polled.push(w);
    void w.until(() => w.openAt !== null, x.left()).then((open) => (m.opened ||= open));
    await w.until(() => w.answers.length >= REQUESTS, Math.min(x.left(), REQUESTS * 5000));
    w.stop();
    const etag = w.lastHead?.fields['etag'];
    if (etag === undefined || methodOf(m.dialect, m.method).cursor === 'validators') return;
    const again = await x.ask({
      name: 'if-none-match',
      url: m.url,
      headers: { ...baseHeaders(m, ACCEPT), 'if-none-match': etag },
      headWithinMs: Math.min(5000, x.left()),
      bodyForMs: 1000,
    });
    // it may have had news meanwhile: then its ETag is another one
    const changed = again?.head?.status === 200 && again.head.fields['etag'] !== etag;
    if (again?.head && !changed) m.conditional = { etag, status: again.head.status };
  },
};
