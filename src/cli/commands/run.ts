import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command } from 'commander';
import { checkRecordable } from '../../engine/recording/writer.ts';
import type { Plan } from '../../engine/scenario/plan.ts';
import { dialectOf } from '../../engine/dialects/file.ts';
import { readScenarioText } from '../../engine/scenario/read.ts';
import { runScenario, type ScenarioResult } from '../../engine/run-scenario.ts';
import { Failure, codeOf, messageOf } from '../../shared/failure.ts';
import type { Observation } from '../../shared/observation.ts';
import { Shutdown } from '../process/shutdown.ts';
import { seed } from '../args/flags.ts';
import { VERSION } from '../process/home.ts';
import { openOut } from '../process/out.ts';
import { junit } from '../report/junit.ts';
import { checksText } from '../text/checks.ts';
import { paint } from '../text/paint.ts';
import { endpointHost } from '../watch/endpoint-host.ts';
import { openLibrary } from '../endpoints/library.ts';
import { problemsText } from '../text/problems.ts';
import { RunReporter } from '../text/run-reporter.ts';
import { visible } from '../process/visible.ts';
import { ms, span } from '../text/units.ts';
import { notInThisVersion } from './unavailable.ts';

interface RunFlags {
  json?: boolean;
  record?: string;
  junit?: string;
  report?: string;
  seed?: number;
  allowCommands?: boolean;
}

const EXAMPLES = `
Examples:
  Play a scenario, and see whether what it expects holds:
    heartline run scenarios/laptop-lid.yaml
  In a build: exit code 1 when a check fails, and a report that the build server reads:
    heartline run scenarios/deploy.yaml --junit deploy.xml --record deploy.heartline
  For a program: observations, the summary, then {"type":"result","passed":…,"checks":[…]}:
    heartline run scenarios/failover.yaml --json

Exit code: 0 when every check passed, 1 when one did not, 2 when the file is wrong, 3 when it could not be read or nothing
could be reached. Ctrl-C ends the run; that counts as not passed.`;

export const runCommand = (): Command =>
  new Command('run')
    .summary('run a scenario file and check what it expects')
    .description(
      'Plays a scenario: lanes over a path, with faults, sleeps, cuts and restarts at given times. At the end each ' +
        'expectation is checked on each lane.',
    )
    .argument('<scenario.yaml>', 'the scenario file')
    .option('--json', 'observations as JSON lines on stdout, the last one the result; people’s text on stderr')
    .option('--record <FILE>', 'record the run; compressed when the name ends in .gz')
    .option('--junit <FILE>', 'write the checks as JUnit XML')
    .option('--report <FILE.html>', 'write a report (not in this version)')
    .option('--seed <N>', 'instead of the file’s own seed', seed('--seed'))
    .option('--allow-commands', 'run the token command that its target names')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: RunFlags) => {
      process.exitCode = await run(file, flags);
    });

/** Mostly machines read these; for people the lines between would drown what matters. */
const JSON_ONLY: readonly Observation['type'][] = ['event', 'publish', 'state', 'reconnect'];

async function run(file: string, flags: RunFlags): Promise<number> {
  if (flags.report !== undefined) {
    throw notInThisVersion('A report of a scenario', '--report', 'Use --junit, or --record and heartline report.');
  }
  const library = openLibrary();
  const read = readScenarioText(readText(file), library.endpoints.list(), (said) =>
    dialectOf(said, 'target.dialect', dirname(file)),
  );
  if (!read.ok) {
    for (const line of problemsText(file, read.problems)) process.stderr.write(`heartline: ${visible(line)}\n`);
    return 2;
  }
  const { plan } = read;
  const { target } = plan.config;
  if (target.kind === 'remote') plan.config.target = library.filled(target);
  // before the run, so that it is not run in vain
  if (flags.record !== undefined) {
    await checkRecordable(flags.record).catch((error: unknown) => {
      throw withFilePlace(error, file, flags);
    });
  }
  if (flags.junit !== undefined) write('--junit', flags.junit, '');
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const stop = new AbortController();
  void shutdown.requested.then(() => stop.abort());
  const p = paint(out.colour);
  out.text(`${p('bold', plan.name)}  ${p('dim', durationText(plan))}`);
  if (plan.config.timeScale > 20) {
    out.stderr(`Time runs ${plan.config.timeScale} × as fast: 20 ms of real jitter is more than 0.4 s of it.`);
  }
  const text = new RunReporter(out);
  const result = await runScenario(plan, {
    version: VERSION,
    seed: flags.seed ?? plan.seed ?? randomInt(2 ** 32),
    record: flags.record ?? null,
    signal: stop.signal,
    endpointHost: endpointHost({ library, allowCommands: flags.allowCommands }),
    onObservation: (o) => {
      if (out.json || !JSON_ONLY.includes(o.type)) text.observe(o);
    },
  }).catch((error: unknown) => {
    throw withFilePlace(error, file, flags);
  });
  out.record({ v: 1, type: 'result', ...result });
  text.summary();
  out.text(`\n${checksText(result.checks, p)}`);
  out.text(`\n${resultLine(result)}`);
  if (flags.record !== undefined) text.recorded(flags.record);
  if (flags.junit !== undefined) write('--junit', flags.junit, junit(result));
  if (plan.config.target.kind === 'remote' && result.unopened.length === plan.lanes.length) {
    out.stderr(`heartline: ${plan.config.target.name} could not be reached: no lane ever opened.`);
    return 3;
  }
  return result.passed ? 0 : 1;
}

function durationText({ durationMs, config }: Plan): string {
  const { timeScale } = config;
  return timeScale === 1
    ? span(durationMs)
    : `${span(durationMs)} in ${ms(durationMs / timeScale)} (time × ${timeScale})`;
}

function resultLine({ checks, passed, seed }: ScenarioResult): string {
  const failed = checks.filter((check) => !check.passed).length;
  const said = passed ? `Passed: ${checks.length} checks` : `Failed: ${failed} of ${checks.length} checks`;
  return `${said}, seed ${seed}.`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    throw new Failure({
      code: 'cannot-read',
      place: file,
      message:
        code === 'ENOENT'
          ? 'There is no such file.'
          : code === 'EISDIR'
            ? 'That is a folder.'
            : `It cannot be read (${messageOf(error)}).`,
      hint: 'Name a scenario file, such as one of scenarios/*.yaml.',
      exit: 3,
    });
  }
}

function write(flag: string, file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new Failure({
      code: 'cannot-write',
      place: flag,
      message: `${file} cannot be written (${messageOf(error)}).`,
      hint: 'Name a file in a folder that is there.',
      exit: 3,
    });
  }
}

/** The engine names its own flags; here the same things were said in the file. */
function withFilePlace(error: unknown, file: string, flags: RunFlags): unknown {
  if (!(error instanceof Failure)) return error;
  const { message, place, ...rest } = error.toData();
  if (flags.record !== undefined && place === flags.record) {
    return new Failure({ ...rest, place: '--record', message: `${place}: ${message}`, exit: rest.exit ?? 3 });
  }
  if (place === '--log') return new Failure({ ...rest, place: `${file}: server.log`, message });
  return error;
}
