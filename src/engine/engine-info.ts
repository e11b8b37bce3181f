import type { EngineInfo } from '../shared/api.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Dialect } from '../shared/protocol/dialect.ts';
import type { FaultInfo } from '../shared/path/params.ts';
import { DIALECTS } from './dialects/index.ts';
import { isPolicy } from './proxy/http/policy.ts';
import { PRESETS } from './proxy/resolve-path.ts';
import { REGISTRY } from './proxy/registry.ts';

/** What this engine is, and what it can do. @param extraDialect one more dialect, read from a file */
export function engineInfo(host: EngineInfo['host'], version: string, extraDialect?: Dialect): EngineInfo {
  return {
    version,
    host,
    node: process.versions.node,
    electron: process.versions['electron'] ?? null,
    platform: `${process.platform} ${process.arch}`,
    faults: Object.values(REGISTRY).map((step): FaultInfo => {
      const { id, label, what, params } = step;
      return { id, label, what, params, ...(isPolicy(step) ? { layer: 'http' } : {}) };
    }),
    presets: Object.values(PRESETS),
    dialects: knownDialects(extraDialect),
  };
}

export const knownDialects = (extraDialect?: Dialect): EngineInfo['dialects'] =>
  [...Object.values(DIALECTS), ...(extraDialect ? [extraDialect] : [])].map(({ name, label, urls }) => ({
    name,
    label,
    methods: METHODS.filter((m) => urls[m] !== undefined),
  }));
