import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isOpenable } from './open-request.ts';

/** What was asked for on the command line; Electron's and Chromium's own switches stand beside it. */
export interface Arguments {
  /** A file to record into. */
  record: string | null;
  /** The port of the built-in server; null for any free one. */
  serverPort: number | null;
  /** Links and files to open, as they were given; files absolute. */
  open: string[];
  /** A sentence for each that was not understood. */
  problems: string[];
}

/** @param argv without the program itself @param cwd what relative names are relative to */
export function readArguments(argv: readonly string[], cwd: string): Arguments {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { record: { type: 'string' }, 'server-port': { type: 'string' } },
    strict: false,
    allowPositionals: true,
  });
  const problems: string[] = [];
  const port = values['server-port'];
  const number = typeof port === 'string' && /^\d{1,5}$/.test(port) ? Number(port) : NaN;
  const isPort = number >= 0 && number <= 65535;
  if (port !== undefined && !isPort)
    problems.push(
      `--server-port: ${JSON.stringify(port)} is not a port. Write a number from 0 (any free one) to 65535.`,
    );
  if (values.record === true) problems.push('--record needs the name of a file.');
  return {
    record: typeof values.record === 'string' ? resolve(cwd, values.record) : null,
    serverPort: isPort ? number : null,
    open: positionals.filter(isOpenable).map((given) => (given.includes('://') ? given : resolve(cwd, given))),
    problems,
  };
}
