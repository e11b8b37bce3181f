import { dialectOf } from '../../engine/dialects/file.ts';
import type { Dialect } from '../../shared/dialect/model.ts';

/** A built-in dialect by its name, or one from a file. @throws Failure naming the flag, the file and the key */
export const readDialect = (said: string): Dialect => dialectOf(said, '--dialect');
