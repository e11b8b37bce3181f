/** `{cursor}`, `{channel}`, `{var.NAME}` … in what a dialect or an endpoint sends. */
import { nearest } from '../nearest.ts';
import { isRecord } from '../guards.ts';
import type { Json } from './model.ts';

/** The value of a template's name, such as `cursor` or `var.room`; undefined or null: it has none. */
export type TemplateValues = (name: string) => string | null | undefined;

const TEMPLATE_NAMES = ['base', 'channel', 'cursor', 'epoch', 'token'] as const;
const TEMPLATE = /\{([A-Za-z][\w.-]*)(\?)?(?::number|:flag)?\}/g;
const isTemplateName = (name: string): boolean =>
  // cast: only to ask
  (TEMPLATE_NAMES as readonly string[]).includes(name) || /^(var|secret)\.[\w.-]+$/.test(name);

/** A template that was needed and has no value. */
export class NoValue extends Error {
  readonly template: string;
  constructor(template: string) {
    super(`{${template}} has no value`);
    this.name = 'NoValue';
    this.template = template;
  }
}

/** The templates of a text, of every text in JSON. */
export function templatesIn(value: Json | undefined): { name: string; optional: boolean }[] {
  if (typeof value === 'string') {
    return [...value.matchAll(TEMPLATE)].flatMap(([, name = '', optional]) =>
      isTemplateName(name) ? [{ name, optional: optional !== undefined }] : [],
    );
  }
  if (Array.isArray(value)) return value.flatMap(templatesIn);
  return isRecord(value) ? Object.values(value).flatMap((inner) => templatesIn(inner)) : [];
}

/**
 * What looks like a template and is none: a misspelt name.
 * @param strict no other braces are allowed here, as in a URL
 */
export function badTemplate(text: string, strict: boolean): { text: string; near: string | null } | null {
  for (const [whole, name = ''] of text.matchAll(TEMPLATE)) {
    if (isTemplateName(name)) continue;
    const near = nearest(name, [...TEMPLATE_NAMES]);
    const close = near !== null && Math.abs(near.length - name.length) <= 2 && near[0] === name[0];
    if (strict || close) return { text: whole, near };
  }
  return null;
}

/**
 * A text with its templates filled.
 * @param encode what is done to each value, as `encodeURIComponent` in a URL
 * @returns undefined where `{x?}` has no value: the key that holds it is left out
 * @throws NoValue where `{x}` has none
 */
export function fillText(
  text: string,
  values: TemplateValues,
  encode: (value: string, name: string) => string = (value) => value,
): string | undefined {
  const missing: string[] = [];
  const filled = text.replace(TEMPLATE, (whole, name: string, optional: string | undefined) => {
    if (!isTemplateName(name)) return whole;
    const value = values(name);
    if (value != null) return encode(value, name);
    if (optional === undefined) throw new NoValue(name);
    missing.push(name);
    return '';
  });
  return missing.length > 0 ? undefined : filled;
}

/** `{cursor:number}` alone in a text of JSON goes as a number, `{cursor:flag}` as true. */
const ALONE = /^\{[A-Za-z][\w.-]*\??:(number|flag)\}$/;

/**
 * JSON with the templates in its texts filled; members without a value are left out.
 * @throws NoValue
 */
export function fillJson(value: Json, values: TemplateValues): Json | undefined {
  if (typeof value === 'string') {
    const filled = fillText(value, values);
    const as = filled === undefined ? undefined : ALONE.exec(value)?.[1];
    if (filled === undefined || as === undefined) return filled;
    if (as === 'flag') return true;
    const number = Number(filled);
    return Number.isFinite(number) && String(number) === filled ? number : filled;
  }
  if (Array.isArray(value)) {
    return value.flatMap((inner) => {
      const filled = fillJson(inner, values);
      return filled === undefined ? [] : [filled];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  const out: Record<string, Json> = {};
  for (const [key, inner] of Object.entries(value)) {
    const filled = fillJson(inner, values);
    if (filled !== undefined) out[key] = filled;
  }
  return out;
}
