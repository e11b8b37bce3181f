import { readFileSync } from 'node:fs';
import { parseDialectText } from '../../src/shared/dialect/document.ts';
import type { Dialect } from '../../src/shared/dialect/model.ts';

/** A rig's dialect, read from its file as a person's own would be. */
export function rigDialect(rig: 'aiohttp' | 'better-sse'): Dialect {
  const file = new URL(`../rigs/${rig}/dialect.json`, import.meta.url);
  return parseDialectText(readFileSync(file, 'utf8'), `${rig}/dialect.json`);
}
