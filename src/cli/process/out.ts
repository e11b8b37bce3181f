import { visible, visibleJson } from './visible.ts';

/** What a command says: stdout for what was asked for, stderr for the rest. A reader that goes away shuts the command down in order. */
export interface Out {
  /** With `--json`, one record a line on stdout; nothing without. */
  record(record: object): void;
  /** People's text: stdout, or stderr where stdout belongs to records. */
  text(line: string): void;
  /** Always stderr. */
  stderr(line: string): void;
  readonly json: boolean;
  readonly colour: boolean;
  /** Bytes of people's text that its reader has not taken yet. */
  readonly backlog: number;
}

let readerGone = false;
let writeFailed = false;

/** Stdout could not be written, though somebody was there to read: what was asked for has not been delivered. */
export const undelivered = (): boolean => writeFailed;

/** @param onGone called once when nobody reads stdout any more */
export function openOut(json: boolean, onGone: (why: string) => void): Out {
  const onError = (error: NodeJS.ErrnoException): void => {
    if (readerGone) return;
    readerGone = true;
    writeFailed = error.code !== 'EPIPE';
    if (writeFailed) process.stderr.write(`heartline: stdout cannot be written (${error.message}).\n`);
    onGone(error.code ?? 'error');
  };
  process.stdout.on('error', onError);
  process.stderr.on('error', () => undefined);
  const write = (text: string): void => {
    if (!readerGone) process.stdout.write(text);
  };
  const stream = json ? process.stderr : process.stdout;
  const colour = stream.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  const stderr = (line: string): void => void process.stderr.write(`${visible(line, colour)}\n`);
  return {
    json,
    colour,
    get backlog() {
      return stream.writableLength;
    },
    record: (record) => json && write(`${visibleJson(record)}\n`),
    text: (line) => (json ? stderr(line) : write(`${visible(line, colour)}\n`)),
    stderr,
  };
}

/** Resolves when all that was written has left, or nobody is there to take it. */
export async function drained(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.writableLength === 0 || (stream === process.stdout && readerGone)) continue;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  }
}
