import { define } from '../definition.ts';
import { endBy } from '../effect.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';

export const blackHole = define({
  id: 'black-hole',
  label: 'Black hole',
  what: 'Connections stay up but nothing comes through; what was sent arrives if the hole is lifted in time.',
  params: { dir: DIRECTION_PARAM },
  summary: (params) => `black hole${directionSuffix(params)}`,
  explain: () => endBy({ on: 'open', ms: 0 }, 'black-hole'),
});
