import { define } from '../definition.ts';
import { UNPREDICTED } from '../effect.ts';
import { durationText } from '../quantity-text.ts';

export const reload = define({
  id: 'reload',
  label: 'Reload',
  what: 'Every so often the proxy is reloaded: idle connections are closed, WebSockets may be with 1001, streams live on.',
  params: {
    every: { kind: 'duration', label: 'Every', help: '0 is never.', default: 60_000, min: 0, max: 864_000_000 },
    ws: {
      kind: 'choice',
      label: 'A WebSocket gets',
      default: 'close-1001',
      options: { 'close-1001': 'A close frame with 1001, then FIN', fin: 'FIN', none: 'Nothing: it goes on' },
    },
    stream: {
      kind: 'choice',
      label: 'A stream gets',
      default: 'none',
      options: { none: 'Nothing: it goes on', aborted: 'FIN, the answer cut short' },
    },
    idle: {
      kind: 'choice',
      label: 'A client connection between requests',
      default: 'closed',
      options: {
        closed: 'Is closed; one with an answer under way is closed behind it',
        behind: 'Is kept; one with an answer under way is closed behind it',
        kept: 'Is kept, and so is one with an answer under way',
      },
    },
  },
  disabledParams: { every: 0 },
  summary: (params) => (params.every > 0 ? `reloads every ${durationText(params.every)}` : 'no reload'),
  layer: 'http',
  // It comes to all at once, whatever they do.
  explain: (_method, { every }) => (every > 0 ? [UNPREDICTED] : []),
});
