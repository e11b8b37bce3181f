// What the engine tells the page of paths. The page may not import the engine, and neither may its types: see the
// declarations beside this file.
import { isPolicy } from '../../src/engine/proxy/http/policy.ts';
import { PRESETS, resolveVia } from '../../src/engine/proxy/resolve-path.ts';
import { REGISTRY } from '../../src/engine/proxy/registry.ts';

export { PRESETS, resolveVia };

export const FAULTS = Object.values(REGISTRY).map((step) => {
  const { id, label, what, params } = step;
  return { id, label, what, params, ...(isPolicy(step) ? { layer: 'http' } : {}) };
});
