import { define } from '../definition.ts';
import { endBy } from '../effect.ts';

export const refuse = define({
  id: 'refuse',
  label: 'Refuse',
  what: 'New connections fail; those already open live on.',
  params: {
    how: {
      kind: 'choice',
      label: 'How',
      default: 'refused',
      options: {
        refused: 'Connection refused: nobody listens',
        rst: 'Accepted, then RST',
        fin: 'Accepted, then FIN',
        hang: 'Accepted, then never a word',
      },
    },
  },
  summary: (params) => (params.how === 'hang' ? 'new connections hang' : 'new connections refused'),
  // Where only some are struck there is a listener, which resets those.
  explain: (_method, { how, chance }) => endBy({ on: 'open', ms: 0 }, how === 'refused' && chance < 1 ? 'rst' : how),
});
