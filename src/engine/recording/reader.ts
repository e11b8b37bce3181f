import { fieldOf } from '../../shared/guards.ts';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Failure, failureData } from '../../shared/failure.ts';
import type { Observation } from '../../shared/observation.ts';

/** No observation of ours is nearly as long. */
const MAX_LINE = 16 * 1024 * 1024;

export interface ReadOptions {
  /** Takes what is wrong with a line, which is then left out; without it the first such line is thrown. */
  onBroken?: (failure: Failure) => void;
  /** Where the reader is. */
  position?: { line: number };
}

/**
 * A recording, record by record. Whether it is compressed is read from its bytes, not its name. A last line that was
 * cut off by a crash is left out.
 * @throws Failure `cannot-read` when there is no such file, `bad-recording` naming the file and line otherwise
 */
export async function* readRecording(
  file: string,
  { onBroken, position = { line: 0 } }: ReadOptions = {},
): AsyncIterable<Observation> {
  for await (const { text, whole } of readLines(file)) {
    position.line++;
    if (text.trim() === '') continue;
    const record = parse(text);
    if (record === undefined && !whole) return;
    if (isObservation(record)) yield record;
    else {
      const failure = badRecording(file, position.line, record);
      if (!onBroken) throw failure;
      onBroken(failure);
    }
  }
}

async function* readLines(file: string): AsyncIterable<{ text: string; whole: boolean }> {
  let rest = '';
  try {
    for await (const chunk of await openText(file)) {
      // cast: an encoding is set
      const parts = (rest + (chunk as string)).split('\n');
      rest = parts.pop()!;
      for (const text of parts) yield { text, whole: true };
      if (rest.length > MAX_LINE) {
        throw new Failure({
          code: 'bad-recording',
          place: file,
          message: 'It has a line of more than 16 MiB.',
          exit: 3,
        });
      }
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    const { code, message } = failureData(error);
    // A compressed recording that was cut off: what was flushed before is all there.
    if (code !== 'Z_BUF_ERROR') {
      throw new Failure({ code: 'cannot-read', place: file, message: `It cannot be read (${message}).`, exit: 3 });
    }
  }
  if (rest !== '') yield { text: rest, whole: false };
}

async function openText(file: string): Promise<Readable> {
  const head = Buffer.alloc(2);
  const handle = await open(file, 'r');
  try {
    await handle.read(head, 0, 2, 0);
  } finally {
    await handle.close();
  }
  const stream = createReadStream(file);
  if (head[0] !== 0x1f || head[1] !== 0x8b) return stream.setEncoding('utf8');
  const plain = createGunzip();
  stream.on('error', (error) => plain.destroy(error));
  return stream.pipe(plain).setEncoding('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObservation(record: unknown): record is Observation {
  if (typeof record !== 'object' || record === null) return false;
  // cast: an object, as asked above
  const o = record as Record<string, unknown>;
  return (
    o['v'] === 1 &&
    Number.isFinite(o['n']) &&
    isTime(o['at']) &&
    typeof o['type'] === 'string' &&
    (o['lane'] === null || typeof o['lane'] === 'string')
  );
}

/** What a `Date` can hold. */
const isTime = (at: unknown): boolean => typeof at === 'number' && Math.abs(at) <= 8.64e15;

function badRecording(file: string, lineNumber: number, record: unknown): Failure {
  const newer = Number(fieldOf(record, 'v')) > 1;
  return new Failure({
    code: 'bad-recording',
    place: `${file}: line ${lineNumber}`,
    message:
      record === undefined
        ? 'This line is not JSON.'
        : newer
          ? 'This record was written by a newer Heartline.'
          : 'This line is JSON but no observation: it needs v, n, at, lane and type.',
    hint: newer ? 'Read it with that version.' : 'Is this a file that Heartline recorded?',
    exit: 3,
  });
}
