import { Command, CommanderError } from 'commander';
import { Failure, failureText } from '../shared/failure.ts';
import { unavailableCommands } from './commands/unavailable.ts';
import { doctorCommand } from './commands/doctor.ts';
import { endpointsCommand } from './commands/endpoints.ts';
import { dialectsCommand } from './commands/dialects.ts';
import { openCommand } from './commands/open.ts';
import { presetsCommand } from './commands/presets.ts';
import { proxyCommand } from './commands/proxy.ts';
import { reportCommand } from './commands/report.ts';
import { reproduceCommand } from './commands/reproduce.ts';
import { runCommand } from './commands/run.ts';
import { serveCommand } from './commands/serve.ts';
import { stormCommand } from './commands/storm.ts';
import { watchCommand } from './commands/watch.ts';
import { VERSION } from './process/home.ts';
import { drained, undelivered } from './process/out.ts';
import { visible } from './process/visible.ts';
import { usageError } from './args/usage-error.ts';

const EXAMPLES = `
Start here:
  See it move (the dashboard, in a browser):
    heartline open
  A server to follow, in one terminal, and two ways to follow it in another:
    heartline serve --port 8080 --workload notifications
    heartline watch http://127.0.0.1:8080/events/demo --method sse
    heartline watch http://127.0.0.1:8080 --channel demo --via idle-timeout:after=10s --for 1m
  Keep a run, and read it later:
    heartline watch http://127.0.0.1:8080/events/demo --method websocket --for 30s --record run.heartline
    heartline report run.heartline

Durations are written 250ms, 10s, 5m; sizes 64KiB. heartline <command> --help tells more.
Exit codes: 0 fine, 1 a check failed, 2 bad usage, 3 what was named could not be reached or started.`;

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('heartline')
    .description('See how short polling, long polling, SSE and WebSocket behave when the network does not.')
    .version(VERSION)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (said, write) => write(visible(usageError(said))) })
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', EXAMPLES);
  const commands = [
    openCommand(),
    serveCommand(),
    watchCommand(),
    runCommand(),
    proxyCommand(),
    doctorCommand(),
    reportCommand(),
    reproduceCommand(),
    endpointsCommand(),
    presetsCommand(),
    stormCommand(),
    dialectsCommand(),
    ...unavailableCommands(),
  ];
  for (const command of commands) {
    command.copyInheritedSettings(program);
    program.addCommand(command);
  }
  try {
    await program.parseAsync(argv);
    return Number(process.exitCode ?? 0); // set by the command
  } catch (error) {
    return report(error);
  }
}

function report(error: unknown): number {
  // commander has said what it had to say
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof Failure) {
    process.stderr.write(`heartline: ${visible(failureText(error))}\n`);
    return error.exit ?? 3;
  }
  process.stderr.write(
    `heartline: ${visible(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`,
  );
  return 3;
}

const code = await main(process.argv);
await drained();
process.exit(code === 0 && undelivered() ? 3 : code);
