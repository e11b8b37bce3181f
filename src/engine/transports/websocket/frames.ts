/** How text frames become messages, by the framing of a dialect. */
import type { Framing } from '../../../shared/dialect/model.ts';
import { Subject } from '../../client/dialect/subject.ts';

/** Takes the messages of one frame; `malformed` is a sentence about a frame that is none. */
export type FrameReader = (
  text: string,
  bytes: number,
  take: (subject: Subject) => void,
) => { malformed: string } | null;

export function frameReader(framing: Framing): FrameReader {
  const subject = new Subject();
  switch (framing) {
    case 'json':
      return (text, bytes, take) => {
        subject.ofText(text, bytes);
        if (subject.json === undefined) return { malformed: `a message is not JSON: ${text.slice(0, 60)}` };
        take(subject);
        return null;
      };
    case 'json-lines':
      return (text, bytes, take) => {
        const lines = text.split('\n').filter((line) => line.trim() !== '');
        for (const line of lines) {
          subject.ofText(line, lines.length === 1 ? bytes : Buffer.byteLength(line));
          if (subject.json === undefined) return { malformed: `a line is not JSON: ${line.slice(0, 60)}` };
          take(subject);
        }
        return null;
      };
    case 'meta':
      return (text, bytes, take) => {
        const { headers, data } = metaBlock(text);
        subject.ofText(data, bytes);
        subject.headers = headers;
        take(subject);
        return null;
      };
    default:
      return (text, bytes, take) => {
        take(subject.ofText(text, bytes));
        return null;
      };
  }
}

/** A header block, an empty line, then the data (`ws+meta.nchan`). */
function metaBlock(text: string): { headers: Record<string, string>; data: string } {
  const [, head = '', data = text] = /^((?:[^\n]*\n)*?)\n([^]*)$/.exec(text) ?? [];
  const headers: Record<string, string> = {};
  for (const line of head.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, data };
}
