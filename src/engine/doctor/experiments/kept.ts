import { baseHeaders } from '../connection/base-headers.ts';
import { KeptConnection, isSecureUrl } from '../connection/ask.ts';
import type { Exam } from '../exam.ts';
import type { Experiment } from './experiment.ts';

const CONNECTIONS = 2;
const LONGEST_MS = 30_000;

/** A connection that has served one request and is left idle: when is it closed? */
export const kept: Experiment = {
  name: 'kept',
  methods: ['short-polling'],
  codes: ['keep-alive'],
  cost: () => ({ connections: CONNECTIONS }),
  async run(x) {
    await Promise.all(
      Array.from({ length: CONNECTIONS }, async (_, i) => {
        if (await x.rest(100 + i * 400)) await leaveIdle(x);
      }),
    );
  },
};

async function leaveIdle(x: Exam): Promise<void> {
  const { m } = x;
  if (m.backedOff !== null || !x.ledger.take()) return;
  const connection = new KeptConnection('kept', isSecureUrl(new URL(m.url)), x);
  try {
    const headers = { ...baseHeaders(m, 'application/json, */*;q=0.5'), connection: 'keep-alive' };
    const limits = { headWithinMs: Math.min(5000, x.left()), bodyForMs: 3000, signal: x.signal };
    const answer = await connection.ask({ name: 'kept', url: m.url, headers, ...limits });
    if (!answer.complete || answer.head?.fields['connection']?.toLowerCase() === 'close') {
      m.notTried['keep-alive'] = answer.complete
        ? 'It closes each connection after its answer.'
        : 'The answer did not end.';
      return;
    }
    const wait = Math.min(LONGEST_MS, x.left() - 300);
    const ended = await connection.idleEnd(wait, x.signal);
    if (ended !== null) m.keptIdle.ends.push(ended);
    else if (x.left() > 0) m.keptIdle.tried.push(wait);
  } finally {
    connection.close();
  }
}
