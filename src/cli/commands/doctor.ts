import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { Doctor } from '../../engine/doctor/doctor.ts';
import { realClock } from '../../engine/time/clock.ts';
import { METHODS, type Method } from '../../shared/catalog.ts';
import { DOCTOR_CODES, type DoctorCode } from '../../shared/doctor/codes.ts';
import { PRODUCTS } from '../../shared/doctor/fixes/index.ts';
import { CONSENTS, type Consent, type DoctorReport } from '../../shared/doctor/report.ts';
import { messageOf } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { resolveVia } from '../../shared/path/resolve.ts';
import { seeded } from '../../shared/random.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { readDialect } from '../args/dialect.ts';
import * as flag from '../args/flags.ts';
import { publisher } from '../doctor/publisher.ts';
import { reportHtml, reportMarkdown } from '../doctor/report-file.ts';
import { budgetText, reportText } from '../doctor/report-text.ts';
import { openOut, type Out } from '../process/out.ts';
import { Shutdown } from '../process/shutdown.ts';
import { paint } from '../text/paint.ts';

interface DoctorFlags {
  method?: Method[];
  dialect?: string;
  header?: Record<string, string>;
  data?: string;
  via?: string[];
  quietUpTo?: number;
  for?: number;
  publish?: string;
  allow?: Consent[];
  only?: DoctorCode[];
  json?: boolean;
  report?: string;
  fix?: string;
}

const EXAMPLES = `
Examples:
  What ends this stream, when, and what cures it behind nginx:
    heartline doctor https://staging.example/events --method sse --fix nginx
  What would be said of it behind nginx as it comes:
    heartline doctor http://127.0.0.1:8080/events/demo --method sse --via nginx-default
  A quick look, for a program:
    heartline doctor ws://127.0.0.1:8080/ws --for 20s --json
  A quiet endpoint, with events of our own, and a page for the ticket:
    heartline doctor http://127.0.0.1:8080/events/demo --publish http://127.0.0.1:8080/events/demo --report doctor.html

Nothing but GETs, upgrades and pings is sent without consent: --data sends that body, --publish publishes,
--allow send lets messages be sent, large-message tries their size, spend allows more than one paid request.
Exit code: 0 no problem, 1 at least one, 2 bad usage, 3 not reachable. Ctrl-C ends it with what is known.`;

/** How often it is said how far it has come. */
const PROGRESS_MS = 5000;

export const doctorCommand = (): Command =>
  new Command('doctor')
    .summary('find out how an endpoint and what lies before it behave')
    .description(
      'Examines an endpoint and the path to it: who ends its connections, when and why, what is held back, cached or lost, ' +
        'and which line of which configuration cures it. Says beforehand what it sends at most.',
    )
    .argument('<url>', 'the endpoint')
    .option(
      '--method <METHOD>',
      `${METHODS.join(', ')}; may repeat (default: whatever it answers to)`,
      (text: string, before?: Method[]) => [...(before ?? []), flag.method('--method')(text)],
    )
    .option('--dialect <NAME|FILE>', 'how the endpoint speaks (default: recognised)')
    .option('--header <K: V>', 'a request header; may repeat', flag.header('--header'))
    .option('--data <BODY|@FILE>', 'POST this body: consent to send it, within the budget that is printed')
    .option(
      '--via <PATH>',
      'a preset or faults between client and server; may repeat, first is nearest the client',
      flag.collect,
    )
    .option(
      '--quiet-up-to <T>',
      'the longest silence that is tried (default 90s)',
      flag.duration('--quiet-up-to', 1000),
    )
    .option('--for <T>', 'the whole examination (default 120s)', flag.duration('--for', 2000))
    .option('--publish <CMD|URL>', 'publish short messages: POST to a URL, or a command that gets each on stdin')
    .option('--allow <LIST>', `consent, a list of ${CONSENTS.join(', ')}`, list('--allow', CONSENTS))
    .option('--only <CODE,…>', 'ask for these codes alone', list('--only', DOCTOR_CODES))
    .option('--json', 'one JSON object on stdout, people’s text on stderr')
    .option('--report <FILE>', 'write a report, as a page or Markdown by its name: .html, .md', reportFile)
    .option(
      '--fix <NAME>',
      `print the lines that cure what was found, for one of ${PRODUCTS.map((p) => p.name).join(', ')}`,
      product,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (url: string, flags: DoctorFlags) => {
      process.exitCode = await examine(url, flags);
    });

function list<T extends string>(name: string, words: readonly T[]) {
  return (text: string, before: T[] = []): T[] => [
    ...before,
    ...text
      .split(',')
      .map((word) => word.trim())
      .filter((word) => word !== '')
      .map((word) => flag.oneOf(name, words)(word)),
  ];
}

function reportFile(file: string): string {
  if (/\.(html?|md|markdown)$/i.test(file)) return file;
  throw flag.refuse('--report', `"${file}" is neither a page nor Markdown.`, 'Give a name that ends in .html or .md.');
}

const ALIASES: Record<string, string> = {
  node: 'express',
  httpd: 'apache',
  fastapi: 'uvicorn',
  starlette: 'uvicorn',
  aws: 'alb',
};

function product(name: string): string {
  const known = PRODUCTS.map((p) => p.name);
  const found = ALIASES[name.toLowerCase()] ?? name.toLowerCase();
  if (known.includes(found)) return found;
  const near = nearest(name, known);
  throw flag.refuse(
    '--fix',
    `There are no lines for "${name}".`,
    near ? `Did you mean ${near}?` : `Write one of ${known.join(', ')}.`,
  );
}

async function examine(url: string, flags: DoctorFlags): Promise<number> {
  flag.url('URL', url, null);
  for (const method of flags.method ?? []) if (method !== 'websocket') flag.url('URL', url, method);
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const dialect = flags.dialect === undefined ? null : readDialect(flags.dialect);
  const forMs = flags.for ?? 120_000;
  const doctor = new Doctor({
    url,
    methods: flags.method ?? [],
    dialect,
    headers: flags.header ?? {},
    body: flags.data === undefined ? null : bodyOf(flags.data),
    path: resolveVia(flags.via ?? []),
    quietUpToMs: Math.min(flags.quietUpTo ?? 90_000, forMs),
    forMs,
    publish: flags.publish === undefined ? null : publisher(flags.publish, flags.header ?? {}),
    allow: flags.allow ?? [],
    only: flags.only ?? null,
    clock: realClock(),
    random: seeded(randomInt(2 ** 32)),
  });
  out.stderr(budgetText(doctor.budget, shownUrl(url)));
  const progress = setInterval(() => tell(doctor, out), PROGRESS_MS);
  void shutdown.requested.then(() => doctor.stop());
  const { report, reachable } = await doctor.run().finally(() => clearInterval(progress));
  if (flags.report !== undefined) writeReport(flags.report, report);
  out.record(flags.fix === undefined ? report : onlyFix(report, flags.fix));
  out.text(reportText(report, flags.fix ?? null, paint(out.colour)));
  if (!reachable) {
    const why = report.findings.find((f) => f.code === 'speaks')?.text ?? 'No connection could be made.';
    out.stderr(`heartline: ${shownUrl(url)} could not be reached. ${why}`);
    return 3;
  }
  return report.findings.some((f) => f.verdict === 'problem') ? 1 : 0;
}

function tell(doctor: Doctor, out: Out): void {
  const { elapsedMs, leftMs, doing, report } = doctor.progress();
  const problems = report.findings.filter((f) => f.verdict === 'problem').map((f) => f.code);
  const found = problems.length === 0 ? '' : ` Found: ${problems.join(', ')}.`;
  out.stderr(`${Math.round(elapsedMs / 1000)} s gone, at most ${Math.round(leftMs / 1000)} s left. ${doing}${found}`);
}

const onlyFix = (report: DoctorReport, name: string): DoctorReport => ({
  ...report,
  findings: report.findings.map((f) => ({ ...f, fix: f.fix.filter((one) => one.for === name) })),
});

function bodyOf(text: string): string {
  if (!text.startsWith('@')) return text;
  try {
    return readFileSync(text.slice(1), 'utf8');
  } catch (error) {
    throw flag.refuse(
      '--data',
      `${text.slice(1)} cannot be read (${messageOf(error)}).`,
      'Name a file, or give the body itself.',
    );
  }
}

function writeReport(file: string, report: DoctorReport): void {
  try {
    writeFileSync(file, /\.html?$/i.test(file) ? reportHtml(report) : reportMarkdown(report));
  } catch (error) {
    throw flag.refuse(
      '--report',
      `${file} cannot be written (${messageOf(error)}).`,
      'Name a place that can be written.',
    );
  }
}
