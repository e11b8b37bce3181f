/** What follows an end by the endpoint's own rules, which outrank the method's and the dialect's. Pure. */
import { retryRuleFor, type RetryRule } from '../../../shared/endpoint/retry-rules.ts';
import type { EndedSignal } from '../connection/signal.ts';

interface Circumstances {
  rules: readonly RetryRule[];
  /** Whether the request may be sent again by itself. */
  repeatable: boolean;
  /** Whether a connection was made, so that the request may have arrived. */
  connected: boolean;
  /** Another token can be had, and none was asked for in vain since something was last received. */
  mayRefresh: boolean;
}

const NOT_RESENT_HINT =
  'Start the lane again to send it once more, or give a rule such as --retry-on 5xx, or a dialect that says after: {lost: retry}.';

export function whatFollows(end: EndedSignal, o: Circumstances): EndedSignal {
  if (end.why === 'ended') return end;
  const code = codeOfEvidence(end);
  const rule = code === null ? null : retryRuleFor(o.rules, code);
  if (rule) return byRule(end, rule, o);
  if (end.refresh) return o.mayRefresh ? refreshed(end) : { ...end, final: true, why: 'refused-by-server' };
  if (end.evidence === 'status:401' && end.final && o.mayRefresh) return refreshed(end);
  // what never left may be sent: nothing has come of it
  if (end.why === 'not-resent' && !o.connected && !end.rule?.startsWith('dialect')) return unsent(end);
  // the dialect has said what follows, or the client itself goes on from another cursor
  if (end.rule?.startsWith('dialect') || end.atOnce) return end;
  if (o.repeatable || !o.connected || end.final) return end;
  // what was asked for once is not asked for twice: it may cost money, or change something
  if (end.evidence === 'clean-end') return { ...end, final: true, announced: true, why: 'ended' };
  if (end.announced && end.retryMs !== null) return end; // the server has said when to come back: it did nothing yet
  const detail = `${end.detail ?? `it ended with ${end.evidence}`}: the request is not sent again by itself`;
  return { ...end, final: true, why: 'not-resent', detail, notice: { code: 'not-resent', hint: NOT_RESENT_HINT } };
}

function byRule(end: EndedSignal, rule: RetryRule, o: Circumstances): EndedSignal {
  const detail = `${end.detail ?? `it ended with ${end.evidence}`} (rule ${rule.text})`;
  switch (rule.action) {
    case 'stop':
      return { ...end, announced: false, final: true, why: 'refused-by-server', detail };
    case 'refresh':
      return o.mayRefresh ? refreshed({ ...end, detail }) : { ...end, final: true, why: 'refused-by-server', detail };
    case 'advice':
    case 'retry': {
      const { why: _, notice: __, ...rest } = end;
      return { ...rest, final: false, announced: rule.action === 'advice' && end.retryMs !== null, detail };
    }
  }
}

function unsent(end: EndedSignal): EndedSignal {
  const { why: _, notice: __, rule: ___, ...rest } = end;
  return { ...rest, final: false };
}

function refreshed(end: EndedSignal): EndedSignal {
  const { why: _, notice: __, ...rest } = end;
  return { ...rest, final: false, announced: false, refresh: true };
}

/** The status or close code of an end; null where it ended by neither. */
function codeOfEvidence({ evidence }: EndedSignal): number | null {
  const [, code] = /^(?:status|close):(\d+)$/.exec(evidence) ?? [];
  return code === undefined ? null : Number(code);
}
