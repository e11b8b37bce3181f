import { fillJson, fillText, templatesIn, type TemplateValues } from '../../../shared/dialect/template.ts';
import type { Json } from '../../../shared/dialect/model.ts';

/**
 * A message or body with its templates filled. In JSON a value is written as JSON writes it, and a member whose `{x?}` has no
 * value is left out; elsewhere that is left empty.
 * @throws NoValue where `{x}` has none
 */
export function fillMessage(text: string, values: TemplateValues): string {
  const templates = templatesIn(text);
  if (templates.length === 0) return text;
  const isJson = /^\s*[[{"]/.test(text);
  const lacking = templates.some(({ name, optional }) => optional && values(name) == null);
  const json = isJson && lacking ? parsed(text) : undefined;
  if (json !== undefined) return JSON.stringify(fillJson(json, values) ?? null);
  const encode = (value: string): string => (isJson ? JSON.stringify(value).slice(1, -1) : value);
  const orEmpty: TemplateValues = (name) => values(name) ?? (isOptional(name) ? '' : undefined);
  const isOptional = (name: string): boolean => templates.some((one) => one.name === name && one.optional);
  return fillText(text, orEmpty, encode) ?? '';
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json; // cast: JSON is what it gives
  } catch {
    return undefined; // it becomes JSON once it is filled
  }
}
