import { readFileSync } from 'node:fs';
import { parseDialect } from '../../src/engine/dialects/index.ts';
import type { Dialect } from '../../src/shared/protocol/dialect.ts';

/** A rig's dialect, read from its file as a person's own would be. */
export function rigDialect(rig: 'aiohttp' | 'better-sse'): Dialect {
  const file = new URL(`../rigs/${rig}/dialect.json`, import.meta.url);
  return parseDialect(JSON.parse(readFileSync(file, 'utf8')), `${rig}/dialect.json`);
}
