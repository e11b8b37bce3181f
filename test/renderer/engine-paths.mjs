// What the engine tells the page of paths.
import { DEFINITIONS } from '../../src/shared/path/definitions.ts';
import { PRESETS } from '../../src/shared/path/presets/index.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';

export { PRESETS, resolveVia };

export const FAULTS = Object.values(DEFINITIONS).map(({ id, label, what, params, layer }) => {
  return { id, label, what, params, ...(layer && { layer }) };
});
