import type { EndedSignal } from '../connection/signal.ts';

/**
 * What follows the end of an answer. A GET is asked again; anything else may cost something, and is sent once unless the
 * dialect says otherwise.
 * @param lost what the dialect says of it
 * @param complete the answer is whole, and nothing is said to end it
 */
export function lostEnd(
  end: EndedSignal,
  httpMethod: string,
  lost: 'retry' | 'stop' | null,
  complete = false,
): EndedSignal {
  const rule = lost === null ? `${httpMethod}: sent once` : `dialect, after.lost: ${lost}`;
  if ((lost ?? (httpMethod === 'GET' ? 'retry' : 'stop')) === 'retry') return lost === null ? end : { ...end, rule };
  if (complete) {
    return {
      ...end,
      announced: true,
      final: true,
      why: 'ended',
      by: 'server',
      terminal: true,
      reason: 'the answer is complete',
      rule,
    };
  }
  const hint =
    lost === null
      ? `A ${httpMethod} is sent once: it may cost something, or do something twice. The dialect may say after: {lost: retry}.`
      : 'The dialect says after: {lost: stop}.';
  const detail = end.detail === undefined ? {} : { detail: end.detail };
  return {
    ...end,
    ...detail,
    announced: false,
    final: true,
    why: 'not-resent',
    notice: { code: 'not-resent', hint },
    rule,
  };
}
