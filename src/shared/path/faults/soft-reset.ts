import { define } from '../definition.ts';
import { DIRECTION_PARAM, directionSuffix } from '../direction-param.ts';

export const softReset = define({
  id: 'soft-reset',
  label: 'Soft reset',
  what: 'A connection that one side resets ends with FIN for the other, as if it had been closed.',
  params: { dir: { ...DIRECTION_PARAM, label: 'Resets on their way' } },
  summary: (params) => `resets become FIN${directionSuffix(params)}`,
  // Only a reset that comes from elsewhere is another.
  explain: () => [],
});
