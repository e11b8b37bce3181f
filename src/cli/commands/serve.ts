import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { realClock } from '../../engine/time/clock.ts';
import { Journal } from '../../engine/journal/journal.ts';
import { openLog } from '../../engine/log/index.ts';
import { EventServer } from '../../engine/server/event-server.ts';
import { TRANSPORTS } from '../../engine/transports/index.ts';
import { eventNotTaken, workloadFailed, workloadTooSlow } from '../../engine/workloads/notices.ts';
import { startWorkload } from '../../engine/workloads/index.ts';
import { WORKLOADS, type WorkloadName } from '../../shared/catalog.ts';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import { Failure, failureData } from '../../shared/failure.ts';
import { seeded } from '../../shared/random.ts';
import { Shutdown, withDeadline } from '../process/shutdown.ts';
import * as flag from '../args/flags.ts';
import { openOut } from '../process/out.ts';
import { observationLine } from '../text/observation-line.ts';
import { paint } from '../text/paint.ts';

interface ServeFlags {
  port: number;
  host: string;
  log: string;
  workload: WorkloadName;
  rate?: number;
  heartbeat?: number | 'off';
  hold?: number;
  retain?: number;
  maxAge?: number;
  advice?: 'auto' | 'off' | number;
  cors: string;
  preStop?: number;
  channel: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  A server that beats every 5 s, with something going on, and how to look at it:
    heartline serve --port 8080 --workload notifications --heartbeat 5s
    curl -N -H 'Accept: text/event-stream' 'http://127.0.0.1:8080/events/demo?after=earliest'
    curl 'http://127.0.0.1:8080/events/demo?after=earliest&limit=5'
  Publish by hand:
    curl -d 'hello' -H 'Event-Type: greeting' http://127.0.0.1:8080/events/demo
  Keep the log over restarts:
    heartline serve --port 8080 --log sqlite:events.db
  Several processes that are one server, behind a load balancer that asks /healthz:
    heartline serve --port 8081 --log redis://127.0.0.1:6379 --pre-stop 5s
    heartline serve --port 8082 --log redis://127.0.0.1:6379 --pre-stop 5s`;

/** How often the server's counters are told. */
const COUNTERS_MS = 1000;

export const serveCommand = (): Command =>
  new Command('serve')
    .summary('the event server alone')
    .description(
      'Serves one append-only log per channel by short polling, long polling, SSE and WebSocket, on one port.',
    )
    .option('--port <N>', 'the port (default any free one)', flag.port('--port'), 0)
    .option('--host <H>', 'the address to listen on', '127.0.0.1')
    .option(
      '--log <LOG>',
      'memory, sqlite:FILE, redis://[user:pass@]host:port[/db][?prefix=NAME] (rediss:// for TLS); @FILE or env:NAME to read it there',
      'memory',
    )
    .option('--workload <NAME>', WORKLOADS.join(', '), flag.workload('--workload'), 'none')
    .option('--rate <N/s>', 'events a second, instead of the workload’s own pace', flag.rate('--rate'))
    .option(
      '--heartbeat <T|off>',
      'SSE comment, WebSocket beat and ping (default 15s)',
      flag.durationOrOff('--heartbeat'),
    )
    .option('--hold <T>', 'how long a long poll is held (default 25s)', hold)
    .option('--retain <N>', 'events kept a channel (default 10000)', flag.count('--retain'))
    .option('--max-age <T>', 'how old a connection may grow (default 10m)', flag.duration('--max-age', 100))
    .option(
      '--advice <auto|off|T>',
      'over how long readers of a drained server are told to come back (default auto)',
      flag.deadAfter('--advice'),
    )
    .option(
      '--pre-stop <T>',
      'how long /healthz says it leaves, before the clients are told (default 0)',
      flag.duration('--pre-stop', 0),
    )
    .option('--cors <ORIGIN|*|off>', 'whose pages may read and publish', flag.cors('--cors'), 'off')
    .option('--channel <CH>', 'the channel the workload publishes in', flag.channel('--channel'), DEFAULTS.channel)
    .option('--json', 'JSON lines on stdout, the first one {"type":"listening","url":…}')
    .addHelpText('after', EXAMPLES)
    .action(serve);

/** The operator's own hold may be long, but not for ever. */
function hold(text: string): number {
  const ms = flag.duration('--hold', 10)(text);
  if (ms > 600_000) throw flag.refuse('--hold', `${text} is out of range.`, 'Give at most 10m.');
  return ms;
}

async function serve(flags: ServeFlags): Promise<void> {
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const clock = realClock();
  const random = seeded(randomInt(2 ** 32));
  const log = await openLog(flags.log, {
    clock,
    random: random.fork('log'),
    retention: { ...DEFAULTS.retain, ...(flags.retain === undefined ? {} : { count: flags.retain }) },
  });
  const heartbeatMs = flag.orNull(flags.heartbeat ?? DEFAULTS.heartbeatMs);
  const server = new EventServer({
    transports: TRANSPORTS,
    host: flags.host,
    port: flags.port,
    log,
    clock,
    random: random.fork('server'),
    settings: {
      heartbeatMs,
      holdMs: flags.hold ?? DEFAULTS.holdMs,
      // a held poll has no beat of its own: who sets the beat alone means it for polls too
      holdCapMs: flags.heartbeat !== undefined && flags.hold === undefined ? heartbeatMs : null,
      maxAgeMs: flags.maxAge ?? DEFAULTS.connectionAgeMs,
      advice: flags.advice ?? 'auto',
      cors: flags.cors,
    },
  });
  try {
    await log.channel(flags.channel).refresh(null);
    await server.listen();
  } catch (error) {
    await log.close();
    throw cannotListen(error, flags);
  }
  const url = server.url!;
  const p = paint(out.colour);
  out.record({ type: 'listening', url, channel: flags.channel });
  out.text(`Listening on ${url}`);
  out.text(p('dim', `  curl -N -H 'Accept: text/event-stream' ${url}/events/${flags.channel}`));

  const journal = new Journal(clock);
  const startedAt = clock.now();
  journal.listen((o) => {
    out.record(o);
    const line = out.json ? null : observationLine(o, startedAt, p);
    if (line !== null) out.text(line);
  });
  server.onPublish((event) => {
    const bytes = Buffer.byteLength(event.data);
    journal.note(null, { type: 'publish', cursor: event.cursor, event: event.type, bytes });
  });
  const { channel } = flags;
  const workload = startWorkload(
    { name: flags.workload, rate: flags.rate ?? null, size: null, burst: null },
    {
      publish: (type, data, extra) => server.publish(channel, { type, data, ...extra }),
      end: () => log.channel(channel).end(),
      missed: (error) => void journal.note(null, eventNotTaken(flags.workload, error)),
      signal: (data) => server.signal(channel, data),
      failed: (error) => void journal.note(null, workloadFailed(flags.workload, error)),
      tooSlow: (wanted, kept) => void journal.note(null, workloadTooSlow(flags.workload, wanted, kept)),
      clock,
      random: random.fork(`workload/${flags.workload}`),
    },
  );
  const count = setInterval(() => {
    if (!out.json) return;
    const { epoch, floor, newest } = log.channel(channel).bounds();
    journal.note(null, {
      type: 'server',
      ...server.counters(),
      head: formatCursor(epoch, newest),
      floor: formatCursor(epoch, floor),
      retained: newest - floor,
    });
  }, COUNTERS_MS);

  const why = await shutdown.requested;
  if (flags.preStop !== undefined && flags.preStop > 0) {
    out.text(p('dim', `Ends: ${why}. /healthz says so for ${flags.preStop} ms.`));
    server.announceLeaving();
    await clock.sleep(flags.preStop);
  }
  out.text(p('dim', `Ends: ${why}. Telling the clients.`));
  clearInterval(count);
  workload.stop();
  await withDeadline(server.close());
  await log.close();
}

function cannotListen(error: unknown, flags: ServeFlags): Failure {
  const data = failureData(error);
  const [place, message, hint] =
    data.code === 'EADDRINUSE' || data.code === 'port-in-use'
      ? ['--port', `Port ${flags.port} is in use.`, 'Name another, or leave --port out to get a free one.']
      : data.code === 'EACCES'
        ? ['--port', `Port ${flags.port} may not be used.`, 'Name one above 1023.']
        : [
            '--host',
            `Cannot listen on ${flags.host} (${data.message}).`,
            'Name an address of this machine, such as 127.0.0.1.',
          ];
  return new Failure({ code: data.code, place: place, message: message, hint: hint, exit: 3 });
}
