import { median, msText } from './figures.ts';
import type { Probe } from './probe.ts';

/** A connection that is let go sooner than a usual poll comes back to it helps nobody. */
const SOON_MS = 4500;

/** Promise: how long an idle kept connection is kept, and whether requests failed by it. */
export const keepAlive: Probe = {
  code: 'keep-alive',
  judge(m) {
    const lost = m.polled.filter((w) =>
      w.notices.some((n) => n.code === 'kept-connection' || n.code === 'stale-idle'),
    ).length;
    const { ends, tried } = m.keptIdle;
    if (ends.length === 0) {
      if (tried.length === 0) return { unknown: m.notTried['keep-alive'] ?? 'No connection was kept.' };
      return {
        verdict: 'ok',
        text: `An idle connection is kept for longer than ${msText(Math.max(...tried))}.`,
        evidence: [],
      };
    }
    const ms = Math.round(median(ends));
    const evidence = ends.map((e) => ({
      at: Math.round(e),
      what: `an idle kept connection was closed after ${msText(e)}`,
    }));
    if (lost > 0) {
      return {
        verdict: 'problem',
        kind: 'requests-failed',
        value: ms,
        text: `Idle connections are closed after ${msText(ms)}, and requests failed by it.`,
        evidence,
      };
    }
    if (ms < SOON_MS) {
      return {
        verdict: 'warning',
        kind: 'sooner',
        value: ms,
        text: `Idle connections are closed after ${msText(ms)}: sooner than clients and proxies use them again.`,
        evidence,
      };
    }
    return { verdict: 'ok', value: ms, text: `Idle connections are kept for ${msText(ms)}.`, evidence };
  },
};
