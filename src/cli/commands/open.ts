import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { Lab } from '../../engine/lab.ts';
import { Failure } from '../../shared/failure.ts';
import { startBrowserHost } from '../host/browser-host.ts';
import { Shutdown, withDeadline } from '../process/shutdown.ts';
import * as flag from '../args/flags.ts';
import { dataDir } from '../../engine/files/data-dir.ts';
import { RENDERER_DIR, VERSION } from '../process/home.ts';
import { openBrowser } from '../host/open-browser.ts';
import { openOut } from '../process/out.ts';
import { summaryTable } from '../text/summary.ts';

interface OpenFlags {
  port?: number;
  open: boolean;
  record?: string;
}

const EXAMPLES = `
Examples:
    heartline open
    heartline open --port 7080 --no-open --record run.heartline

The address lets one browser in, once; after that a new one is printed for the next. Ctrl-C ends it.`;

export const openCommand = (): Command =>
  new Command('open')
    .summary('the dashboard, in a browser')
    .description('Starts the event server, four lanes and the dashboard, and prints the address that opens it.')
    .option('--port <N>', 'the port of the dashboard (default any free one)', flag.port('--port'))
    .option('--no-open', 'do not open a browser, only print the address')
    .option('--record <FILE>', 'record the run; compressed when the name ends in .gz')
    .addHelpText('after', EXAMPLES)
    .action(open);

async function open(flags: OpenFlags): Promise<void> {
  const shutdown = new Shutdown();
  const out = openOut(false, () => shutdown.request('nobody reads'));
  let removeRedirect = (): void => {};
  // The page's origin is known once its host listens, and the event server lets in exactly that origin.
  const engine: { lab?: Lab } = {};
  const host = await startBrowserHost({
    get engine() {
      return engine.lab!; // nobody has the address before it stands
    },
    rendererDir: RENDERER_DIR,
    port: flags.port ?? 0,
    eventServerUrl: () => engine.lab?.serverUrl ?? null,
    onRenewed: (url) => {
      removeRedirect();
      out.text(`The dashboard is open. For another browser: ${url}`);
    },
  });
  const lab = (engine.lab = new Lab({
    host: 'browser',
    version: VERSION,
    dataDir: dataDir(),
    record: flags.record ?? null,
    config: { seed: randomInt(2 ** 32) },
    serverSettings: { cors: host.origin },
  }));
  try {
    await lab.start();
    out.text(`Heartline is at ${host.url}`);
    if (lab.serverUrl !== null) out.text(`Its event server is at ${lab.serverUrl}`);
    if (flags.open) removeRedirect = openBrowser(host.url, dataDir());
    await shutdown.requested;
    const summary = lab.summary();
    out.text(`\n${summaryTable(summary)}`);
  } catch (error) {
    if (error instanceof Failure && error.place === flags.record) {
      const { message, ...rest } = error.toData();
      throw new Failure({ ...rest, place: '--record', message: `${flags.record}: ${message}`, exit: rest.exit ?? 3 });
    }
    throw error;
  } finally {
    removeRedirect();
    await withDeadline(host.close().then(() => lab.close()));
  }
}
