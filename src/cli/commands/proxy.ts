import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { realClock } from '../../engine/time/clock.ts';
import { Journal } from '../../engine/journal/journal.ts';
import { startControl, type ControlServer } from '../../engine/proxy-server/control-api.ts';
import { ProxyCollection } from '../../engine/proxy-server/collection.ts';
import { readProxiesFile } from '../../engine/proxy-server/proxies-file.ts';
import { resolveVia } from '../../shared/path/resolve.ts';
import { Failure, codeOf, messageOf } from '../../shared/failure.ts';
import { seeded } from '../../shared/random.ts';
import { Shutdown, withDeadline } from '../process/shutdown.ts';
import * as flag from '../args/flags.ts';
import { VERSION } from '../process/home.ts';
import { openOut, type Out } from '../process/out.ts';
import { paint } from '../text/paint.ts';
import { ProxyReporter } from '../text/proxy-reporter.ts';

interface ProxyFlags {
  target?: string;
  listen?: number;
  via?: string[];
  proxies?: string;
  control?: number | 'off';
  timeScale?: number;
  json?: boolean;
}

/** What the proxy that --target makes is called. */
const NAME = 'proxy';

const EXAMPLES = `
Examples:
  A connection that is hung up on after 10 s of silence, in front of a server of your own:
    heartline proxy --target http://127.0.0.1:8080 --listen 9090 --via idle-timeout:after=10s
  Change what the network does while it runs:
    heartline proxy --target tcp://127.0.0.1:6379 --listen 9090 --control 8474
    curl -d '{"type": "latency", "attributes": {"delay": "200ms"}}' http://127.0.0.1:8474/proxies/proxy/faults
    curl -X DELETE http://127.0.0.1:8474/proxies/proxy/faults/latency
    curl -d '{"end": "rst"}' http://127.0.0.1:8474/proxies/proxy/cut
  Several at once, from a file:
    heartline proxy --proxies proxies.json --control 8474

  A target that speaks TLS, for a client that need not:
    heartline proxy --target https://example.com --listen 9090 --via nginx-tuned
    curl -H 'Host: example.com' http://127.0.0.1:9090/

With https or wss the path speaks TLS to the target for a client that speaks plain HTTP, and checks the certificate; a
client that speaks TLS itself passes unread.
Exit code: 0, 2 for bad usage, 3 when a port or a file cannot be had. A target that cannot be reached ends the
connection that wanted it, not the proxy. Ctrl-C ends politely and prints a summary.`;

export const proxyCommand = (): Command =>
  new Command('proxy')
    .summary('the faulty network alone, in front of any server')
    .description(
      'Listens on 127.0.0.1 and forwards to a server of yours through a path of presets and faults, which an HTTP API ' +
        'changes while connections live on.',
    )
    .option('--target <URL>', 'where to forward to: http, https, ws, wss or tcp://host:port')
    .option('--listen <N>', 'the port to listen on (default any free one)', flag.port('--listen'))
    .option('--via <PATH>', 'a preset or faults on the way; may repeat, first is nearest the client', flag.collect)
    .option('--proxies <FILE>', 'proxies from a JSON file: [{"name", "listen", "target", "via", "enabled"}]')
    .option('--control <N|off>', 'the port of the control API (default any free one)', control)
    .option('--time-scale <N>', 'the path’s own time against real time; nobody else’s', flag.timeScale('--time-scale'))
    .option('--json', 'JSON lines on stdout, the first one {"type":"listening","url":…,"control":…}')
    .addHelpText('after', EXAMPLES)
    .action(proxy);

// not null: the argv library takes that for an empty text
const control = (text: string): number | 'off' => (text === 'off' ? text : flag.port('--control')(text));

async function proxy(flags: ProxyFlags): Promise<void> {
  if (flags.target === undefined && flags.proxies === undefined) {
    throw flag.refuse('--target', 'There is nothing to forward to.', 'Give --target URL or --proxies FILE.');
  }
  for (const name of ['listen', 'via'] as const) {
    if (flags.target !== undefined || flags[name] === undefined) continue;
    throw flag.refuse(`--${name}`, 'It belongs to --target.', 'In a file, write it beside each target.');
  }
  resolveVia(flags.via ?? []);
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const clock = realClock(flags.timeScale ?? 1);
  const journal = new Journal(clock);
  const collection = new ProxyCollection({ clock, random: seeded(randomInt(2 ** 32)), journal });
  const text = new ProxyReporter(out, clock.now());
  const stopListening = journal.listen((o) => text.observe(o));
  let controlApi: ControlServer | null = null;
  try {
    await populate(collection, flags);
    if (flags.control !== 'off')
      controlApi = await startControl({ collection: collection, port: flags.control ?? 0, version: VERSION });
    announce(out, collection, controlApi, clock.scale);
    text.begin();
    if (clock.scale !== 1) {
      journal.note(null, {
        type: 'notice',
        level: 'warn',
        code: 'path-time-only',
        message: `Only the path's own timers run ${clock.scale} × as fast: client and target keep real time.`,
        ...(clock.scale > 20
          ? { hint: `20 ms of real jitter is ${(20 * clock.scale) / 1000} s of the path's time.` }
          : {}),
      });
    }
    // unref'd listeners or none at all must not end it
    const keepAlive = setInterval(() => undefined, 1 << 30);
    const why = await shutdown.requested;
    clearInterval(keepAlive);
    text.ends(why);
  } finally {
    await withDeadline(Promise.all([controlApi?.close(), collection.close()]));
  }
  const proxies = Object.fromEntries(collection.all.map((one) => [one.name, one.summary()]));
  journal.note(null, { type: 'summary', lanes: {}, proxies, timeScale: clock.scale });
  stopListening();
  text.summary(proxies);
}

async function populate(collection: ProxyCollection, flags: ProxyFlags): Promise<void> {
  if (flags.target !== undefined) {
    try {
      await collection.create(
        { name: NAME, target: flags.target, listen: flags.listen ?? 0, via: flags.via ?? [] },
        '--',
      );
    } catch (error) {
      throw withPlace(error, (place) => place.replace(/^(--\w+)\[\d+\]/, '$1'));
    }
  }
  if (flags.proxies === undefined) return;
  const file = flags.proxies;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure({
      code: 'cannot-read',
      place: '--proxies',
      message: `${file} cannot be read (${codeOf(error) ?? messageOf(error)}).`,
      hint: 'Name a file with a list of proxies.',
      exit: 3,
    });
  }
  const { list, place } = readProxiesFile(text, file);
  try {
    await collection.populate(list);
  } catch (error) {
    throw withPlace(error, place);
  }
}

/** The same failure, its place told by where people find it. */
function withPlace(error: unknown, place: (place: string) => string): unknown {
  if (!(error instanceof Failure) || error.place === undefined) return error;
  return new Failure({ ...error.toData(), place: place(error.place) });
}

function announce(out: Out, collection: ProxyCollection, controlApi: ControlServer | null, timeScale: number): void {
  const p = paint(out.colour);
  const at = controlApi?.url ?? null;
  for (const { name, url, plainUrl: plain, spec, port } of collection.all) {
    const target = spec.target.text;
    out.record({ type: 'listening', url, ...(plain && { plain }), control: at, name, port, target, timeScale });
    const through = spec.faults.length > 0 ? ` through ${spec.faults.map((f) => f.name).join(', ')}` : '';
    const or = plain ? ` (or ${plain}: the path speaks TLS)` : '';
    out.text(`${spec.enabled ? 'Listening on' : 'Refusing on'} ${url}${or} for ${target}${through}`);
  }
  if (collection.all.length === 0) out.record({ type: 'listening', url: null, control: at, timeScale });
  if (at === null) return;
  out.text(`Control API on ${at}`);
  out.text(p('dim', `  curl ${at}/proxies`));
}
