/** Reads keys of data that a person wrote, and notes everything that is wrong with them, each with its path. */
import { isRecord } from '../guards.ts';
import { nearest } from '../nearest.ts';

export type KeyPath = readonly (string | number)[];

export interface Problem {
  path: KeyPath;
  message: string;
  hint?: string;
}

export class Problems {
  readonly list: Problem[] = [];

  add(path: KeyPath, message: string, hint?: string): void {
    this.list.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  }
}

/** One set of keys. What is not asked for by `done` is unknown there. */
export class Keys {
  readonly path: KeyPath;
  readonly problems: Problems;
  readonly #value: Record<string, unknown>;
  readonly #known: string[] = [];

  constructor(value: Record<string, unknown>, path: KeyPath, problems: Problems) {
    this.#value = value;
    this.path = path;
    this.problems = problems;
  }

  /** @returns null where the value is no set of keys, which has been said */
  static of(value: unknown, path: KeyPath, problems: Problems, what: string): Keys | null {
    if (isRecord(value)) return new Keys(value, path, problems);
    problems.add(path, `It must be ${what}, and is ${shown(value)}.`);
    return null;
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined && Object.hasOwn(this.#value, key);
  }

  /** What stands at a key; undefined where nothing does. */
  get(key: string): unknown {
    if (!this.#known.includes(key)) this.#known.push(key);
    return Object.hasOwn(this.#value, key) ? this.#value[key] : undefined;
  }

  /** The keys that nobody has asked for yet. */
  rest(): string[] {
    return Object.keys(this.#value).filter((key) => !this.#known.includes(key));
  }

  bad(key: string, message: string, hint?: string): void {
    this.problems.add([...this.path, key], message, hint);
  }

  text(key: string): string | null {
    const value = this.get(key);
    if (value === undefined || value === null) return null;
    if (typeof value === 'string' && value !== '') return value;
    this.bad(key, `It must be text, and is ${shown(value)}.`);
    return null;
  }

  choice<T extends string>(key: string, values: readonly T[]): T | null {
    const value = this.get(key);
    if (value === undefined || value === null) return null;
    const found = values.find((one) => one === value);
    if (found !== undefined) return found;
    const near = typeof value === 'string' ? nearest(value, values) : null;
    this.bad(
      key,
      `${shown(value)} is not one of its values.`,
      near ? `Did you mean ${near}?` : `Write ${listed(values)}.`,
    );
    return null;
  }

  /** Says what is unknown, once all that is known has been asked for. */
  done(): void {
    for (const key of this.rest()) {
      const near = nearest(
        key,
        this.#known.filter((name) => !Object.hasOwn(this.#value, name)),
      );
      const hint = near ? `Did you mean ${near}?` : `Known here: ${listed(this.#known)}.`;
      this.bad(key, `"${key}" is not a key here.`, hint);
    }
  }
}

export const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)!}`;

/** A value as a sentence names it. */
export function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isRecord(value)) return 'a set of keys';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
