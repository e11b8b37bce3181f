/** Lines of a stream that is no event stream: NDJSON, JSON text sequences (RFC 7464), plain lines. */
import { DEFAULTS } from '../../shared/defaults.ts';

const LF = 10;

export interface Line {
  text: string;
  /** As it stood on the wire, its end included. */
  bytes: number;
}

export class LineSplitter {
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  /** @returns null where a line grew past the limit: the splitter takes no more */
  feed(chunk: Uint8Array): Line[] | null {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const lines: Line[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LF, start);
      if (end < 0) break;
      lines.push(this.#line(bytes.subarray(start, end), 1));
      start = end + 1;
    }
    if (start < bytes.length) {
      // a copy: the chunk's buffer is used again
      this.#pending.push(Buffer.from(bytes.subarray(start)));
      this.#pendingBytes += bytes.length - start;
    }
    return this.#pendingBytes > DEFAULTS.limits.sseLine ? null : lines;
  }

  /** What is left at the end of a stream that was not cut off: a last line without its end. */
  rest(): Line | null {
    return this.#pendingBytes === 0 ? null : this.#line(Buffer.alloc(0), 0);
  }

  #line(part: Buffer, end: number): Line {
    const whole = this.#pendingBytes > 0 ? Buffer.concat([...this.#pending, part]) : part;
    this.#pending = [];
    this.#pendingBytes = 0;
    const last = whole.length - 1;
    const text = whole.toString('utf8', 0, whole[last] === 13 ? last : whole.length);
    return { text, bytes: whole.length + end };
  }
}

/** Records of a JSON text sequence: each begins with RS, and may hold line ends of its own. */
export class SequenceReader {
  #open = '';

  /** @returns the records that a line completes */
  take({ text, bytes }: Line, isWhole: (text: string) => boolean): Line[] {
    const parts = text.split('\x1e');
    const done: Line[] = [];
    const push = (record: string): void => {
      if (record.trim() !== '') done.push({ text: record.trim(), bytes });
    };
    this.#open += parts[0]!;
    for (const part of parts.slice(1)) {
      push(this.#open);
      this.#open = part;
    }
    if (isWhole(this.#open)) {
      push(this.#open);
      this.#open = '';
    } else if (this.#open !== '') this.#open += '\n';
    return done;
  }
}
