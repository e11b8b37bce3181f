import { define } from '../definition.ts';

export const clientLeaves = define({
  id: 'client-leaves',
  label: 'Client leaves',
  what: 'When a client goes away, the origin hears of it at once, with the next thing it sends, or never.',
  params: {
    told: {
      kind: 'choice',
      label: 'The origin is told',
      default: 'at-once',
      options: {
        'at-once': 'At once',
        'on-write': 'When it next sends something',
        'on-reset': 'At once after RST; after FIN when it next sends something',
        never: 'Never: it works on for nobody',
      },
    },
    waiting: {
      kind: 'choice',
      label: 'While it waits for an answer',
      default: 'same',
      options: { same: 'The same', 'at-once': 'At once', never: 'Never' },
    },
    as: { kind: 'choice', label: 'By', default: 'fin', options: { fin: 'FIN', rst: 'RST' } },
  },
  summary: (params) =>
    params.told === 'at-once' ? 'aborts passed on' : params.told === 'never' ? 'aborts hidden' : 'aborts late',
  layer: 'http',
  // Only the origin sees it.
  explain: () => [],
});
