import { isOneOf } from '../../shared/guards.ts';
import { RESERVED_TYPES } from '../../shared/catalog.ts';
import { Failure } from '../../shared/failure.ts';
import type { Append } from './event-log.ts';

const MAX_TYPE_LENGTH = 256;

/**
 * Normalises a draft so that every transport can carry it, or throws.
 * CR and CRLF become LF, since SSE ends a line at each of them.
 * @throws Failure `bad-type`, `bad-data`
 */
export function checkDraft(draft: Append): Pick<Append, 'type' | 'data'> {
  const type = draft.type === '' ? 'message' : draft.type;
  if (isOneOf(RESERVED_TYPES, type)) {
    throw new Failure({
      code: 'bad-type',
      place: 'type',
      message: `"${type}" is a word the server itself speaks.`,
      hint: `Use any type but ${RESERVED_TYPES.join(', ')}.`,
    });
  }
  if (/[\r\n\0]/.test(type) || type.length > MAX_TYPE_LENGTH || !type.isWellFormed()) {
    throw new Failure({
      code: 'bad-type',
      place: 'type',
      message: 'An event type is one line of text.',
      hint: `Leave out CR, LF and NUL, and keep it under ${MAX_TYPE_LENGTH} characters.`,
    });
  }
  if (!draft.data.isWellFormed()) {
    throw new Failure({
      code: 'bad-data',
      place: 'data',
      message: 'The data is not valid Unicode: it has half a surrogate pair.',
      hint: 'Send UTF-8 text; encode binary data first, as base64 for example.',
    });
  }
  const data = draft.data.includes('\r') ? draft.data.replace(/\r\n?/g, '\n') : draft.data;
  return { type, data };
}
