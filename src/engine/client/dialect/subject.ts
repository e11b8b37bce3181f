import type { ValuePlace } from '../../../shared/dialect/model.ts';
import { exactDigits, parseJson } from '../../wire/json.ts';

/** A message as the rules of a dialect see it. One is used again and again; its JSON is read only when it is asked for. */
export class Subject {
  /** The event's name on an event stream, or a codec's; null where there is none. */
  event: string | null = null;
  /** The id that the stream itself gives the message. */
  id: string | null = null;
  /** Set: this is a comment of an event stream, and no message. */
  comment: string | null = null;
  headers: Readonly<Record<string, unknown>> = NONE;
  fields: Readonly<Record<string, string>> = NONE;
  bytes = 0;
  #text: string | null = null;
  #json: unknown = undefined;
  #parsed = false;

  /** A message as text; what it is as JSON is found out when a rule asks. */
  ofText(text: string, bytes: number): this {
    this.#text = text;
    this.#parsed = false;
    return this.#reset(bytes);
  }

  /** A member of a list, already parsed. @param text how it stands, where that is known */
  ofJson(json: unknown, bytes: number, text: string | null = null): this {
    this.#text = text;
    this.#json = json;
    this.#parsed = true;
    return this.#reset(bytes);
  }

  #reset(bytes: number): this {
    this.event = this.id = this.comment = null;
    this.headers = this.fields = NONE;
    this.bytes = bytes;
    return this;
  }

  get text(): string {
    return (this.#text ??= typeof this.#json === 'string' ? this.#json : JSON.stringify(this.#json ?? null));
  }

  /** Undefined where it is no JSON. */
  get json(): unknown {
    if (!this.#parsed) {
      this.#parsed = true;
      this.#json = parseJson(this.#text ?? '');
    }
    return this.#json;
  }
}

const NONE: Readonly<Record<string, string>> = {};

export type Finder = (subject: Subject) => unknown;

/** How a place of a dialect is looked up. A pointer's steps are taken apart once. */
export function finder(place: ValuePlace): Finder {
  if ('pointer' in place) {
    const find = pointerFinder(place.pointer);
    return (subject) => find(subject.json);
  }
  if ('header' in place) {
    const name = place.header.toLowerCase();
    return ({ headers }) => headers[name];
  }
  const { field } = place;
  return ({ fields }) => (Object.hasOwn(fields, field) ? fields[field] : undefined);
}

/** JSON Pointer (RFC 6901), compiled. */
export function pointerFinder(pointer: string): (json: unknown) => unknown {
  if (pointer === '') return (json) => json;
  const steps = pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const [only] = steps;
  if (steps.length === 1) return (json) => memberOf(json, only!);
  return (json) => {
    let at = json;
    for (const step of steps) at = memberOf(at, step);
    return at;
  };
}

function memberOf(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key]; // cast: an object may be asked for any key
}

/** Text, a number as it was written, true or false; null for anything else. */
export function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : null;
  return typeof value === 'boolean' ? String(value) : exactDigits(value);
}
