import type { FaultInfo } from '../../src/shared/path/params.ts';
import type { PathSpec } from '../../src/shared/path/spec.ts';
import type { PresetInfo } from '../../src/shared/path/presets/preset.ts';

export const FAULTS: FaultInfo[];
export const PRESETS: Record<string, PresetInfo>;
export function resolveVia(texts: readonly string[]): PathSpec;
