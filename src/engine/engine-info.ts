import type { EngineInfo } from '../shared/api.ts';
import { METHODS } from '../shared/catalog.ts';
import type { Dialect } from '../shared/dialect/model.ts';
import { DEFINITIONS } from '../shared/path/definitions.ts';
import type { FaultInfo } from '../shared/path/params.ts';
import { DIALECTS } from './dialects/index.ts';
import { PRESETS } from '../shared/path/presets/index.ts';

/** What this engine is, and what it can do. @param extraDialect one more dialect, read from a file */
export function engineInfo(host: EngineInfo['host'], version: string, extraDialect?: Dialect): EngineInfo {
  const versions: NodeJS.Dict<string> = process.versions;
  return {
    version,
    host,
    node: process.versions.node,
    electron: versions['electron'] ?? null,
    platform: `${process.platform} ${process.arch}`,
    faults: Object.values(DEFINITIONS).map(({ id, label, what, params, layer }): FaultInfo => ({
      id,
      label,
      what,
      params,
      ...(layer && { layer }),
    })),
    presets: Object.values(PRESETS),
    dialects: knownDialects(extraDialect),
  };
}

export const knownDialects = (extraDialect?: Dialect): EngineInfo['dialects'] =>
  Object.values({ ...DIALECTS, ...(extraDialect ? { [extraDialect.name]: extraDialect } : {}) }).map(
    ({ name, label, methods }) => ({
      name,
      label,
      methods: METHODS.filter((m) => methods[m]?.url != null),
    }),
  );
