/** How a one-way stream is cut into messages: as an event stream, or as lines. */
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Framing } from '../../../shared/dialect/model.ts';
import { parseJson } from '../../wire/json.ts';
import { LineSplitter, SequenceReader, type Line } from '../../wire/line-split.ts';
import { SseParser, type SsePart } from '../../wire/sse-parse.ts';

export interface StreamReader {
  feed(chunk: Uint8Array): SsePart[];
  /** The body is complete: what is left in it. */
  end(): SsePart[];
}

/** `whole`: the body is one message. */
export function streamReader(framing: Framing | 'whole', lines: boolean): StreamReader {
  if (framing === 'whole') return wholeReader();
  if (framing === 'sse' || framing === 'events.v1') {
    const parser = new SseParser({ lines });
    return { feed: (chunk) => parser.feed(chunk), end: () => [] };
  }
  const splitter = new LineSplitter();
  const sequence = framing === 'json-seq' ? new SequenceReader() : null;
  const partsOf = (line: Line): SsePart[] => {
    const records = sequence ? sequence.take(line, (text) => parseJson(text) !== undefined) : [line];
    const parts: SsePart[] = lines && line.text !== '' ? [{ part: 'line', ...line }] : [];
    // an empty line is a sign of life, as CouchDB sends them
    for (const record of records)
      parts.push(record.text.trim() === '' ? { part: 'comment', ...record } : message(record));
    return parts;
  };
  return {
    feed(chunk) {
      const found = splitter.feed(chunk);
      return found?.flatMap(partsOf) ?? [{ part: 'too-long', what: 'line', limit: DEFAULTS.limits.sseLine }];
    },
    end() {
      const rest = splitter.rest();
      return rest && rest.text.trim() !== '' ? partsOf(rest) : [];
    },
  };
}

const message = ({ text, bytes }: Line): SsePart => ({
  part: 'event',
  type: 'message',
  data: text,
  lastEventId: '',
  ownId: false,
  extra: {},
  bytes,
});

function wholeReader(): StreamReader {
  const body: Buffer[] = [];
  let size = 0;
  return {
    feed(chunk) {
      body.push(Buffer.from(chunk));
      size += chunk.length;
      return size > DEFAULTS.limits.answer ? [{ part: 'too-long', what: 'event', limit: DEFAULTS.limits.answer }] : [];
    },
    end: () => (size === 0 ? [] : [message({ text: Buffer.concat(body).toString('utf8'), bytes: size })]),
  };
}
