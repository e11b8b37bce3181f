import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { failureData } from '../../shared/failure.ts';
import * as flag from '../flags.ts';
import { openOut } from '../out.ts';
import { readRun } from '../report/read-run.ts';
import { reportText } from '../report/report-text.ts';
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
      const run = await readRun(file);
      const text = flags.format === 'json' ? JSON.stringify({ run: run.run, ...run.summary }) : reportText(run);
      if (flags.out === undefined) openOut(false, () => process.exit(0)).text(text);
      else {
        try {
          writeFileSync(flags.out, `${text}\n`);
        } catch (error) {
          throw flag.refuse(
            '--out',
            `${flags.out} cannot be written (${failureData(error).message}).`,
            'Name another file.',
          );
        }
      }
    });

function format(text: string): Format {
  if (UNAVAILABLE_FORMATS.includes(text)) throw notInThisVersion(`The format ${text}`, '--format', 'Use text or json.');
  if ((FORMATS as readonly string[]).includes(text)) return text as Format;
  const hint = `Write text or json. ${UNAVAILABLE_FORMATS.join(', ')} are not in this version.`;
  throw flag.refuse('--format', `"${text}" is not a format.`, hint);
}
