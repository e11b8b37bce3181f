/** The parts of HTTP/1.1 messages (RFC 9112) and what is done with their fields. */

export type Field = [name: string, value: string];

export interface RequestHead {
  method: string;
  target: string;
  version: '1.0' | '1.1';
  fields: Field[];
}

export interface ResponseHead {
  status: number;
  reason: string;
  version: '1.0' | '1.1';
  fields: Field[];
}

/** The bytes are not HTTP, or do not say for certain where a message ends. `status`: what answers such a request. */
export class MalformedMessage extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** RFC 9110, 5.6.2. */
export const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export const isOws = (code: number): boolean => code === 32 || code === 9;

/** Without optional whitespace around it, which is SP and HTAB only (RFC 9110, 5.6.3): `trim` takes more. */
export function trimOws(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isOws(text.charCodeAt(from))) from++;
  while (to > from && isOws(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}

/** The combined value of all fields of that name (RFC 9110, 5.3). `name` in lower case. */
export function field(head: { fields: Field[] }, name: string): string | undefined {
  let value: string | undefined;
  for (const [n, v] of head.fields) {
    if (n.length === name.length && n.toLowerCase() === name) value = value === undefined ? v : `${value}, ${v}`;
  }
  return value;
}

/** How many field lines have that name. */
export function countFields(head: { fields: Field[] }, name: string): number {
  let count = 0;
  for (const [n] of head.fields) if (n.length === name.length && n.toLowerCase() === name) count++;
  return count;
}

export function dropField(head: { fields: Field[] }, ...names: string[]): void {
  if (head.fields.some(([n]) => names.includes(n.toLowerCase())))
    head.fields = head.fields.filter(([n]) => !names.includes(n.toLowerCase()));
}

/** Replaces in place, so that the order of fields stays. */
export function setField(head: { fields: Field[] }, name: string, value: string): void {
  const at = head.fields.findIndex(([n]) => n.toLowerCase() === name.toLowerCase());
  if (at >= 0) head.fields[at] = [head.fields[at]![0], value];
  else head.fields.push([name, value]);
}

/** The members of a list, in lower case. */
export const listOf = (value: string | undefined): string[] =>
  value === undefined ? [] : value.split(',').map((member) => trimOws(member).toLowerCase());

/** Whether a list such as Connection or Accept-Encoding names it. */
export function listIncludes(value: string | undefined, word: string): boolean {
  if (value === undefined || value.length < word.length) return false;
  if (value.length === word.length) return value.toLowerCase() === word;
  return listOf(value).some((member) => trimOws(member.split(';', 1)[0]!) === word);
}

export function writeHead(first: string, fields: readonly Field[]): string {
  let text = `${first}\r\n`;
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`;
  return `${text}\r\n`;
}
