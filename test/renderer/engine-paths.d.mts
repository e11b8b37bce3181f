import type { FaultInfo, FaultSpec, PresetInfo } from '../../src/shared/path/params.ts';

export const FAULTS: FaultInfo[];
export const PRESETS: Record<string, PresetInfo>;
export function resolveVia(texts: readonly string[]): {
  via: string[];
  faults: FaultSpec[];
  idleLimitMs: number | null;
};
