import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { readRecording } from '../../engine/recording/reader.ts';
import { IncidentReader } from '../../engine/reproduce/incident.ts';
import { reproduce } from '../../engine/reproduce/reproduce.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import * as flag from '../args/flags.ts';
import { VERSION } from '../process/home.ts';
import { openOut } from '../process/out.ts';
import { Shutdown } from '../process/shutdown.ts';
import { readRun } from '../report/read-run.ts';

export const reproduceCommand = (): Command =>
  new Command('reproduce')
    .summary('find a scenario that shows what a recording shows')
    .description(
      'Looks for the smallest path and schedule on which lanes against the embedded server show the drops and the losses of a ' +
        'recording, and checks it by running it. Exit code: 0 when one does, 1 when none does.',
    )
    .argument('<recording>', 'a *.heartline file')
    .option('--out <SCENARIO.yaml>', 'where the scenario goes (default: stdout)')
    .option('--json', 'one JSON object on stdout')
    .action(async (file: string, flags: { out?: string; json?: boolean }) => {
      process.exitCode = await run(file, flags);
    });

async function run(file: string, flags: { out?: string; json?: boolean }): Promise<number> {
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const stop = new AbortController();
  void shutdown.requested.then(() => stop.abort());
  const tell = (failure: Failure): void => out.stderr(`heartline: ${failure.message}`);
  const recorded = await readRun(file, tell); // says what is no recording
  if (!recorded.run) {
    throw new Failure({
      code: 'no-beginning',
      place: file,
      message: 'The start of the run was not recorded: it does not say who followed what.',
      hint: 'Record from the beginning, with --record.',
      exit: 3,
    });
  }
  const reader = new IncidentReader();
  for await (const o of readRecording(file, { onBroken: () => undefined })) reader.read(o);
  const { incident } = reader;
  const drops = incident.drops.length;
  out.stderr(
    `${drops === 0 ? 'Nothing was dropped' : `${drops} drops`} in ${Math.round(incident.durationMs / 1000)} s; looking for what shows the same.`,
  );
  const found = await reproduce(incident, { version: VERSION, seed: randomInt(2 ** 32), signal: stop.signal });
  const { scenario, ...told } = found;
  out.record({ v: 1, ...told });
  if (scenario !== null && flags.out !== undefined) write(flags.out, scenario);
  if (!found.matched) {
    out.text(`Nothing that was tried shows the same (${found.runs} runs).`);
    return 1;
  }
  out.text(
    `${found.faults === 0 ? 'Without any fault' : `With ${found.faults} ${found.faults === 1 ? 'fault' : 'faults'}`} the lanes show the same (${found.runs} runs).`,
  );
  if (flags.out === undefined && !out.json) out.text(`\n${scenario}`);
  return 0;
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw flag.refuse('--out', `${file} cannot be written (${messageOf(error)}).`, 'Name a place that can be written.');
  }
}
