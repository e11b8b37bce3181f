import type { Workload } from './workload.ts';

/** Whatever arrives was published by hand. */
export const none: Workload = {
  name: 'none',
  describe: () => 'Nothing by itself: publish by hand.',
  run: () => Promise.resolve(),
};
