import { define } from '../definition.ts';
import { UNPREDICTED } from '../effect.ts';
import { durationText } from '../quantity-text.ts';

export const reload = define({
  id: 'reload',
  label: 'Reload',
  what: 'Every so often, or once, the proxy is reloaded: idle connections are closed, WebSockets may be with 1001, streams live on or are cut, at once or later.',
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
    at: {
      kind: 'duration',
      label: 'Once, at',
      help: 'Counted from the first request. 0 is not at all.',
      default: 0,
      min: 0,
      max: 864_000_000,
    },
    delay: {
      kind: 'duration',
      label: 'What it ends is ended after',
      help: 'As the old workers of nginx live on until worker_shutdown_timeout. 0 is at once.',
      default: 0,
      min: 0,
      max: 864_000_000,
    },
  },
  disabledParams: { every: 0, at: 0 },
  impliedParams: (typed) => (typed.includes('at') && !typed.includes('every') ? { every: 0 } : {}),
  summary: ({ every, at, delay }) => {
    const when = [every > 0 && `every ${durationText(every)}`, at > 0 && `at ${durationText(at)}`].filter(Boolean);
    if (when.length === 0) return 'no reload';
    return `reloads ${when.join(' and ')}${delay > 0 ? `, cuts ${durationText(delay)} later` : ''}`;
  },
  layer: 'http',
  // It comes to all at once, whatever they do.
  explain: (_method, { every, at }) => (every > 0 || at > 0 ? [UNPREDICTED] : []),
});
