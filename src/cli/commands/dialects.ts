import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { DIALECTS } from '../../engine/dialects/index.ts';
import { dialectOf } from '../../engine/dialects/file.ts';
import { judgeSample, methodsOf, type JudgedMessage, type SampleReading } from '../../engine/dialects/sample.ts';
import { METHODS, type Method } from '../../shared/catalog.ts';
import { readDialectDocument, type DialectProblem } from '../../shared/dialect/document.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { dialectToPlain, dialectToYaml } from '../../shared/dialect/write.ts';
import { messageOf } from '../../shared/failure.ts';
import * as flag from '../args/flags.ts';
import { fetchSample } from '../dialects/fetch-sample.ts';
import { openOut, type Out } from '../process/out.ts';
import { table } from '../text/table.ts';

const EXAMPLES = `
Examples:
  The built-in dialects, and one of them as a file to begin with:
    heartline dialects
    heartline dialects kubernetes-watch > watch.yaml
  Which rule takes which message of a sample:
    heartline dialects check ticker.yaml --sample messages.jsonl
    heartline dialects check ticker.yaml --sample http://127.0.0.1:8080/events

Exit code: 0 when the file is right and some rule takes every message of the sample, 1 when not, 3 when the sample cannot be had.`;

export const dialectsCommand = (): Command => {
  const command = new Command('dialects')
    .summary('list, print and check how servers speak')
    .description('Lists the built-in dialects, or prints one as a file that can be changed and read again.')
    .argument('[name]', 'a built-in dialect, or a file, to print')
    .option('--json', 'JSON on stdout')
    .addHelpText('after', EXAMPLES)
    .action((name: string | undefined, flags: { json?: boolean }) => {
      const out = openOut(flags.json === true, () => undefined);
      if (name === undefined) list(out, flags.json === true);
      else print(out, dialectOf(name, 'NAME'), flags.json === true);
    });
  command
    .command('check')
    .summary('check a dialect file, and try it on real messages')
    .argument('<file>', 'a dialect file (YAML or JSON), or the name of a built-in one')
    .option('--sample <FILE|URL>', 'messages as they came: an event stream, lines, a list; or where to get some')
    .option(
      '--method <METHOD>',
      `whose rules to try: ${METHODS.join(', ')}; else every method of the file`,
      flag.method('--method'),
    )
    .option('--json', 'JSON on stdout')
    .action(async (file: string, _: object, self: Command) => {
      // the command around it has --json as well
      process.exitCode = await check(file, self.optsWithGlobals<CheckFlags>());
    });
  return command;
};

function list(out: Out, json: boolean): void {
  const dialects = Object.values(DIALECTS).map(({ name, label, ids, methods }) => ({
    name,
    label,
    ids: ids.kind,
    methods: METHODS.filter((method) => methods[method]),
  }));
  if (json) return out.record({ v: 1, dialects });
  out.text(
    table(
      dialects.map((d) => [d.name, d.label, `ids ${d.ids}`, d.methods.join(', ')]),
      'left',
    ),
  );
}

function print(out: Out, dialect: Dialect, json: boolean): void {
  if (json) out.record(dialectToPlain(dialect));
  else out.text(dialectToYaml(dialect).trimEnd());
}

interface Checked {
  v: 1;
  file: string;
  ok: boolean;
  problems: DialectProblem[];
  sample?: SampleReading[];
}

interface CheckFlags {
  sample?: string;
  method?: Method;
  json?: boolean;
}

async function check(file: string, flags: CheckFlags): Promise<number> {
  const out = openOut(flags.json === true, () => undefined);
  const { dialect, problems } = read(file);
  const checked: Checked = { v: 1, file, ok: dialect !== null, problems };
  if (dialect && flags.sample !== undefined) {
    const methods = methodsToTry(dialect, flags.sample, flags.method);
    checked.sample = [];
    for (const method of methods) {
      const { text, headers } = await sampleOf(flags.sample, dialect, method);
      checked.sample.push(judgeSample(dialect, method, text, headers));
    }
    const best = bestFit(checked.sample);
    if (!flags.method) checked.sample = [best];
    checked.ok = best.malformed.length === 0 && best.messages.length > 0 && best.messages.every(isUnderstood);
  }
  if (flags.json) out.record(checked);
  else report(out, checked, dialect);
  return checked.ok ? 0 : 1;
}

function read(file: string): { dialect: Dialect | null; problems: DialectProblem[] } {
  if (!existsSync(file)) return { dialect: dialectOf(file, 'FILE'), problems: [] };
  return readDialectDocument(readFileSync(file, 'utf8'));
}

/** One request is made, and not one for each method. */
function methodsToTry(dialect: Dialect, sample: string, method: Method | undefined): Method[] {
  if (method !== undefined) return [method];
  const all = methodsOf(dialect);
  if (!isUrl(sample)) return all;
  const fitting = all.filter((one) => (one === 'websocket') === /^wss?:/.test(sample));
  if (fitting.length === 1) return fitting;
  throw flag.refuse('--method', 'By which method shall the sample be asked for?', `Give --method ${all.join('|')}.`);
}

const isUrl = (sample: string): boolean => /^(https?|wss?):\/\//.test(sample);

async function sampleOf(
  sample: string,
  dialect: Dialect,
  method: Method,
): Promise<{ text: string; headers: Record<string, unknown> }> {
  if (isUrl(sample)) return fetchSample(sample, dialect, method);
  try {
    return { text: readFileSync(sample, 'utf8'), headers: {} };
  } catch (error) {
    throw flag.refuse('--sample', `${sample} cannot be read: ${messageOf(error)}.`, 'Name a file or a URL.');
  }
}

const isUnderstood = ({ rule, found }: JudgedMessage): boolean =>
  rule !== null && !found.some(({ key, value }) => key === 'id' && value === null);

/** Where no method is named: the one whose rules take the most of the sample. */
function bestFit(all: readonly SampleReading[]): SampleReading {
  const score = (one: SampleReading): number =>
    one.messages.filter((message) => isUnderstood(message) && message.is !== 'ignore').length -
    one.malformed.length * 2 -
    one.messages.filter((message) => !isUnderstood(message)).length;
  return all.reduce((best, one) => (score(one) > score(best) ? one : best));
}

const MAX_SHOWN = 160;
const clip = (text: string): string =>
  (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN - 1)}…` : text).replaceAll('\n', '\\n');

function report(out: Out, { file, problems, sample }: Checked, dialect: Dialect | null): void {
  for (const { line, key, message, hint } of problems) {
    out.text(`${file}:${line}: ${key === '' ? '' : `${key}: `}${message}${hint ? ` ${hint}` : ''}`);
  }
  if (!dialect) return;
  out.text(`${file}: ${dialect.label}, ids ${dialect.ids.kind}, ${methodsOf(dialect).join(', ')}.`);
  for (const { method, messages, malformed, unusedRules } of sample ?? []) {
    out.text(`\nBy the rules of ${method}:`);
    for (const message of messages) {
      const took = message.rule === null ? 'no rule' : `rule ${message.rule} (${message.is})`;
      out.text(`  ${took.padEnd(18)} ${clip(message.text)}`);
      for (const { key, at, value } of message.found) {
        out.text(
          `${' '.repeat(21)}${key} at ${at}: ${value === null ? `nothing, in ${clip(message.text)}` : clip(value)}`,
        );
      }
    }
    for (const bad of malformed) out.text(`  ${bad}`);
    if (messages.length === 0) out.text('  There is no message in the sample.');
    if (unusedRules.length > 0) out.text(`  Rules that took nothing: ${unusedRules.join(', ')}.`);
  }
}
