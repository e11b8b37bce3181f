import type { ExchangeEnding, Policy } from '../policy.ts';
import { UNANSWERED_OPTIONS } from './outcome-options.ts';

const STREAM_OUTCOMES = {
  aborted: 'All it has sent, then FIN without the end of the answer',
  lost: 'Its head; what was held back is thrown away; then FIN',
  clean: 'A clean end, as if it were complete',
  'clean-close': 'A clean end, then FIN',
  hang: 'Nothing: its stream stays open and silent',
  '502': '502 where nothing was sent yet, else FIN',
};

/** What a client sees when the connection to the origin breaks. */
export const originDies: Policy = {
  id: 'origin-dies',
  label: 'Origin dies',
  what: 'When the connection to the origin breaks, the client sees an error, a cut, or a clean end that is none.',
  params: {
    fin: { kind: 'choice', label: 'Stream, origin sent FIN', default: 'aborted', options: STREAM_OUTCOMES },
    rst: { kind: 'choice', label: 'Stream, origin sent RST', default: 'aborted', options: STREAM_OUTCOMES },
    poll: { kind: 'choice', label: 'Waiting request', default: '502', options: UNANSWERED_OPTIONS },
    refused: { kind: 'choice', label: 'Origin unreachable', default: '502', options: UNANSWERED_OPTIONS },
    'refused-after': {
      kind: 'duration',
      label: 'Tries to reach it for',
      default: 0,
      min: 0,
      max: 600_000,
    },
    close: {
      kind: 'choice',
      label: 'Connection after the error',
      default: 'kept',
      options: { kept: 'Kept', closed: 'Closed', refused: 'Closed when the origin is unreachable' },
    },
  },
  summary: (params) => `${params['poll']} when the origin dies`,
  http: {
    upstreamClosed(x, how, params) {
      const close = params['close'] === 'closed' || (params['close'] === 'refused' && how === 'unreachable');
      const why = { by: originDies.id, cause: 'target-unreachable', detail: 'the origin cannot be reached' } as const;
      // What the origin did by itself is passed on without a word.
      const ours = how === 'unreachable' ? { why } : {};
      if (x.phase === 'waiting') {
        const outcome = String(params[how === 'unreachable' ? 'refused' : 'poll']);
        const status = Number(outcome);
        const respond = (): void => {
          if (status > 0) x.respond({ status, close, server: 'fin', ...(how === 'unreachable' && { fired: why }) });
          else if (outcome !== 'none') x.end({ client: outcome as 'fin', server: 'fin', ...ours });
        };
        const after = how === 'unreachable' ? Number(params['refused-after']) : 0;
        if (after > 0) x.onceOver(x.clock.after(after, respond));
        else respond();
        return true;
      }
      const outcome = params[how === 'rst' ? 'rst' : 'fin'];
      if (outcome === 'hang') return true;
      if (outcome === '502' && !x.headSent) {
        x.respond({ status: 502, close, server: 'fin' });
        return true;
      }
      const common: Omit<ExchangeEnding, 'client'> = { server: 'fin', ...ours };
      if (outcome === 'clean') x.end({ ...common, client: 'clean', flush: true });
      else if (outcome === 'clean-close') x.end({ ...common, client: 'clean', flush: true, close: true });
      else x.end({ ...common, client: 'fin', flush: outcome === 'aborted' });
      return true;
    },
  },
};
