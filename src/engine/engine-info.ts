import type { EngineInfo } from '../shared/api.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Dialect } from '../shared/dialect.ts';
import type { FaultInfo } from '../shared/params.ts';
import { DIALECTS } from './dialects/index.ts';
import { isPolicy } from './proxy/http/policy.ts';
import { PRESETS } from './proxy/presets.ts';
import { STEPS } from './proxy/steps.ts';

/** What this engine is, and what it can do. @param own one more dialect, read from a file */
export function engineInfo(host: EngineInfo['host'], version: string, own?: Dialect): EngineInfo {
  return {
    version,
    host,
    node: process.versions.node,
    electron: process.versions['electron'] ?? null,
    platform: `${process.platform} ${process.arch}`,
    faults: Object.values(STEPS).map((step): FaultInfo => {
      const { id, label, what, params } = step;
      return { id, label, what, params, ...(isPolicy(step) ? { layer: 'http' } : {}) };
    }),
    presets: Object.values(PRESETS),
    dialects: knownDialects(own),
  };
}

export const knownDialects = (own?: Dialect): EngineInfo['dialects'] =>
  [...Object.values(DIALECTS), ...(own ? [own] : [])].map(({ name, label, urls }) => ({
    name,
    label,
    methods: METHODS.filter((m) => urls[m] !== undefined),
  }));
