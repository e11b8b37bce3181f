import type { Probe } from './probe.ts';

/** Promise: from which size on a message is refused. Tried only with consent. */
export const messageLimit: Probe = {
  code: 'message-limit',
  judge(m) {
    if (m.sizes.length === 0) return { unknown: m.notTried['sizes'] ?? 'It takes consent: --allow large-message.' };
    const taken = m.sizes.filter((s) => s.ok).map((s) => s.bytes);
    const refused = m.sizes.filter((s) => !s.ok);
    const most = Math.max(0, ...taken);
    if (refused.length === 0)
      return {
        verdict: 'ok',
        value: most,
        text: `A message of ${most.toLocaleString('en-US')} bytes is taken.`,
        evidence: [],
      };
    if (taken.length === 0) return { unknown: 'Every message was refused, the smallest too.' };
    const least = Math.min(...refused.map((s) => s.bytes));
    const end = refused.find((s) => s.bytes === least)!.evidence;
    return {
      verdict: 'problem',
      kind: end?.replace(':', '-') ?? 'refused',
      value: most,
      range: [most, least],
      text: `A message of ${least.toLocaleString('en-US')} bytes ends the connection (${end ?? 'no reason'}); one of ${most.toLocaleString('en-US')} is taken.`,
      evidence: m.sizes.map((s) => ({
        at: 0,
        what: `${s.bytes} bytes: ${s.ok ? 'taken' : (s.evidence ?? 'refused')}`,
      })),
    };
  },
};
