/** Whose requests a cache passes on without a look. */
export const PRIVATE_OPTIONS = {
  kept: 'Kept and given to anybody',
  authorization: 'With Authorization it passes by',
  passed: 'With Authorization or Cookie it passes by',
};
