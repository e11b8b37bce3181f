import { define } from '../definition.ts';
import { evidenceOf } from '../effect.ts';
import { UNANSWERED_OPTIONS } from './outcome-options.ts';

const STREAM_OUTCOMES = {
  aborted: 'All it has sent, then FIN without the end of the answer',
  lost: 'Its head; what was held back is thrown away; then FIN',
  clean: 'A clean end, as if it were complete',
  'clean-close': 'A clean end, then FIN',
  hang: 'Nothing: its stream stays open and silent',
  '502': '502 where nothing was sent yet, else FIN',
};

export const originDies = define({
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
    kept: {
      kind: 'choice',
      label: 'A kept connection, closed as a request comes',
      default: 'repeat',
      options: { repeat: 'It is asked again on a new one, and nobody notices', ...UNANSWERED_OPTIONS },
    },
    close: {
      kind: 'choice',
      label: 'Connection after the error',
      default: 'kept',
      options: { kept: 'Kept', closed: 'Closed', refused: 'Closed when the origin is unreachable' },
    },
  },
  summary: (params) => `${params.poll} when the origin dies`,
  layer: 'http',
  explain(method, { poll, ...params }) {
    const waiting = evidenceOf(poll);
    if (method === 'websocket') return [{ kind: 'relay', waiting, fin: 'fin', rst: 'rst' }];
    const shown = (outcome: string) => evidenceOf(outcome === '502' ? 'fin' : outcome); // 502 is for one without a head
    return [{ kind: 'relay', waiting, fin: shown(params.fin), rst: shown(params.rst) }];
  },
});
