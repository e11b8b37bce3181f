import type { Method } from '../catalog.ts';
import { COMMON_PARAMS } from './common-params.ts';
import type { Effect } from './effect.ts';
import type { FaultInfo, ParamTable, ParamValues, ValuesOf } from './params.ts';

type CommonTable = typeof COMMON_PARAMS;
/** The params of a step of which only the path knows what it is. */
type AnyTable = ParamTable & CommonTable;

/** Values of some of the params. */
type SomeOf<T extends ParamTable> = string extends keyof T ? ParamValues : Partial<ValuesOf<T>>;

/** What a definition says besides its table of params. */
interface Described<Id extends string, T extends ParamTable> extends Omit<FaultInfo, 'id' | 'params'> {
  readonly id: Id;
  /** A few words with the figures, for the name of the path: `idle limit 10 s`. */
  summary(params: ValuesOf<T>): string;
  /** Params with which it does nothing; absent where there are none. */
  readonly disabledParams?: SomeOf<T>;
  /** Defaults that depend on which params were typed: `close-after:bytes=1KiB` means no time limit. */
  impliedParams?(typed: readonly string[]): SomeOf<T>;
  /** The idle limit it imposes, when it does: what headroom is measured against. */
  idleLimitMs?(params: ValuesOf<T>): number | null;
  /** What a lane of the method meets, as data; without it no outcome tells of the step. */
  explain?(method: Method, params: ValuesOf<T>): readonly Effect[];
}

/**
 * All there is to know of a fault or policy without carrying it out. The form in the page, the text after `--via`, the
 * name of the path and the figures that headroom is measured against follow from it; the engine has the implementation.
 */
export interface Definition<Id extends string = string, T extends ParamTable = AnyTable> extends Described<Id, T> {
  readonly params: T;
}

/** The values of a definition's params: `{ delay: number; dir: 'both' | 'up' | 'down'; … }`. */
export type Values<D extends { params: ParamTable }> = ValuesOf<D['params']>;

export type CommonValues = ValuesOf<CommonTable>;

export type StepValues = ValuesOf<AnyTable>;

/** Adds the params that all share. The types of the params stay as narrow as they are written. */
export function define<const Id extends string, const T extends ParamTable>(
  own: Described<Id, T & CommonTable> & { readonly params: T },
): Definition<Id, T & CommonTable> {
  return { ...own, params: { ...own.params, ...COMMON_PARAMS } };
}
