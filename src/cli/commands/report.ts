import { isOneOf } from '../../shared/guards.ts';
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { failureData, failureText, type Failure } from '../../shared/failure.ts';
import * as flag from '../args/flags.ts';
import { openOut, type Out } from '../process/out.ts';
import { readRun } from '../report/read-run.ts';
import { reportText } from '../report/report-text.ts';
import { visible, visibleJson } from '../process/visible.ts';
import { notInThisVersion } from './unavailable.ts';

const FORMATS = ['text', 'json'] as const;
type Format = (typeof FORMATS)[number];
/** Promised by name. */
const UNAVAILABLE_FORMATS = ['html', 'csv', 'har'];

const EXAMPLES = `
Examples:
    heartline report run.heartline
    heartline report run.heartline.gz --format json --out run.json

Exit code: 0 fine, 2 for bad usage, 3 when the recording cannot be read.`;

export const reportCommand = (): Command =>
  new Command('report')
    .summary('what a recording tells')
    .description('Reads a recording and tells what each lane came to: counts, drops with their evidence, every resume.')
    .argument('<RECORDING>', 'a .heartline or .heartline.gz file')
    .option('--format <FORMAT>', 'text or json', format, 'text')
    .option('--out <FILE>', 'write there instead of stdout')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: { format: Format; out?: string }) => {
      const out = openOut(false, () => process.exit(0));
      const run = await readRun(file, noticesOn(out));
      const text = flags.format === 'json' ? visibleJson({ run: run.run, ...run.summary }) : reportText(run);
      if (flags.out === undefined) out.text(text);
      else {
        try {
          writeFileSync(flags.out, `${visible(text)}\n`);
        } catch (error) {
          throw flag.refuse(
            '--out',
            `${flags.out} cannot be written (${failureData(error).message}).`,
            'Name another file.',
          );
        }
      }
    });

/** Broken lines are named, the first of them. */
const MAX_NAMED = 20;

function noticesOn(out: Out): (failure: Failure) => void {
  let count = 0;
  return (failure) => {
    count++;
    if (count <= MAX_NAMED) out.stderr(`heartline: ${failureText(failure)} It is left out.`);
    if (count === MAX_NAMED + 1) out.stderr('heartline: … and more of the kind.');
  };
}

function format(text: string): Format {
  if (UNAVAILABLE_FORMATS.includes(text)) throw notInThisVersion(`The format ${text}`, '--format', 'Use text or json.');
  if (isOneOf(FORMATS, text)) return text;
  const hint = `Write text or json. ${UNAVAILABLE_FORMATS.join(', ')} are not in this version.`;
  throw flag.refuse('--format', `"${text}" is not a format.`, hint);
}
