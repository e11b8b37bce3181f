import { readFileSync } from 'node:fs';
import { parseDialectText } from '../../src/shared/dialect/document.ts';
import type { Dialect } from '../../src/shared/dialect/model.ts';

/** A dialect as a person's file has it; `dialect: 2` is put before it. */
export const dialectFrom = (text: string): Dialect => parseDialectText(`dialect: 2\n${text}`, 'test.yaml');

/** A dialect of version 1, from its plain data. */
export const dialectV1 = (json: object): Dialect => parseDialectText(JSON.stringify(json), 'v1.json');

/** What Heartline's own dialect looked like in version 1. */
export const HEARTLINE_V1 = JSON.parse(
  readFileSync(new URL('../fixtures/dialect-v1/heartline.json', import.meta.url), 'utf8'),
) as Record<string, any>; // cast: JSON
