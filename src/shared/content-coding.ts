import { isOneOf } from './guards.ts';

/** Content codings (RFC 9110, 8.4.1) that a lane can undo. */
const CONTENT_CODINGS = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'] as const;
export type ContentCoding = (typeof CONTENT_CODINGS)[number];

const ELEMENT = /^(gzip|x-gzip|deflate|br|zstd|identity)(?:[ \t]*;[ \t]*q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/** Whether a lane may ask so: `off`, or a list of an Accept-Encoding header whose every coding can be undone. */
export const isAcceptEncoding = (text: string): boolean =>
  text === 'off' || text.split(',').every((element) => ELEMENT.test(element.trim()));

export const isContentCoding = (name: string): name is ContentCoding => isOneOf(CONTENT_CODINGS, name);
