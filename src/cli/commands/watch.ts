import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { DIALECTS } from '../../engine/dialects/index.ts';
import { dialectOf } from '../../engine/dialects/file.ts';
import { httpMethodOf } from '../../engine/client/endpoint/compose.ts';
import { Lab } from '../../engine/lab.ts';
import { RunEndpoint, type EndpointHost } from '../../engine/run/run-endpoint.ts';
import { realClock } from '../../engine/time/clock.ts';
import { resolveVia } from '../../shared/path/resolve.ts';
import { checkRecordable } from '../../engine/recording/writer.ts';
import { CLIENT_NAMES, clientNamed, withClient, type ClientName } from '../../shared/clients.ts';
import type { LaneSpec, RunConfig } from '../../shared/run-config.ts';
import { METHODS, type Method } from '../../shared/catalog.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { Failure } from '../../shared/failure.ts';
import { endpointProblems } from '../../shared/endpoint/check.ts';
import { KnownSecrets, shownUrl } from '../../shared/secrets.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { secretText } from '../args/secret-text.ts';
import { Shutdown, withDeadline } from '../process/shutdown.ts';
import * as flag from '../args/flags.ts';
import { VERSION } from '../process/home.ts';
import { openOut } from '../process/out.ts';
import { addEndpointFlags, flagOfField, targetOfFlags, type EndpointFlags } from '../watch/endpoint-flags.ts';
import { endpointHost } from '../watch/endpoint-host.ts';
import { endpointNamed, envFile, openLibrary } from '../endpoints/library.ts';
import { fillTarget } from '../../shared/endpoint/fill.ts';
import { isHeartlineServer, type ProbeWay } from '../watch/probe.ts';
import { RunReporter } from '../text/run-reporter.ts';
import { WatchEndCondition } from '../watch/watch-end-condition.ts';

interface WatchFlags extends EndpointFlags {
  method?: Method[];
  lane?: { method: Method; url: string }[];
  after?: string;
  channel?: string;
  header?: Record<string, string>;
  dialect?: string;
  via?: string[];
  timeScale?: number;
  poll?: number;
  hold?: number;
  ping?: number | 'off';
  deadAfter?: 'auto' | 'off' | number;
  client?: ClientName;
  backoff?: RunConfig['backoff'];
  pongs?: boolean;
  retry?: RunConfig['retry'];
  acceptEncoding?: string;
  for?: number;
  events?: number;
  record?: string;
  json?: boolean;
}

const EXAMPLES = `
Examples:
  One method, half a minute:
    heartline watch http://127.0.0.1:8080/events/demo --method sse --for 30s
  Four methods side by side, through a path that hangs up after 10 s of silence:
    heartline watch http://127.0.0.1:8080 --channel demo --via idle-timeout:after=10s --for 2m
  Two endpoints in one run, recorded; ends when each lane has 200 different events:
    heartline watch --lane sse=https://a.example/stream --lane websocket=wss://b.example/ws --events 200 --record run.heartline
  For a program: one JSON observation a line, the summary last:
    heartline watch http://127.0.0.1:8080/events/demo --method websocket --for 10s --json

Exit code: 0 when every lane opened once, 3 when one did not, 2 for bad usage. Gaps do not change it.
Ctrl-C ends politely and still prints the summary; a second Ctrl-C ends at once.`;

export const watchCommand = (): Command =>
  addEndpointFlags(watchOptions(new Command('watch')))
    .summary('follow an endpoint by one or more methods, and see what happens')
    .description(
      'Follows an endpoint by one or more methods and tells what happens: events, drops with their evidence, reconnects, ' +
        'what was missed or repeated. Ends with a summary.',
    )
    .argument('[url]', 'what to follow; with --channel and no path, a base from which the dialect makes each URL')
    .addHelpText('after', EXAMPLES)
    .action(async (url: string | undefined, flags: WatchFlags) => {
      process.exitCode = await watch(url, flags);
    });

const watchOptions = (command: Command): Command =>
  command
    .option('--method <METHOD>', `${METHODS.join(', ')}; may repeat`, (text: string, before?: Method[]) => [
      ...(before ?? []),
      flag.method('--method')(text),
    ])
    .option('--lane <METHOD=URL>', 'one more lane, with a URL of its own; may repeat', flag.lane('--lane'))
    .option('--after <CURSOR>', 'start after this cursor, or at earliest or now')
    .option('--channel <CH>', 'the channel to follow', flag.channel('--channel'))
    .option('--header <K: V>', 'a request header, or @FILE or env:NAME with one a line; may repeat', headers)
    .option(
      '--dialect <NAME|FILE>',
      `how the endpoint speaks: ${Object.keys(DIALECTS).join(', ')}, or a file (YAML or JSON)`,
    )
    .option(
      '--via <PATH>',
      'a preset or faults between client and server; may repeat, first is nearest the client',
      flag.collect,
    )
    .option(
      '--time-scale <N>',
      'engine time against real time; a remote target only takes 1',
      flag.timeScale('--time-scale'),
    )
    .option(
      '--poll <T>',
      'short polling: how often (default 2s); long polling: no sooner than this, unless more is waiting',
      flag.duration('--poll', 10),
    )
    .option('--hold <T>', 'long polling: how long to ask to be held (default 25s)', flag.duration('--hold', 10))
    .option('--ping <off|T>', 'WebSocket: send a ping this often (default off)', flag.durationOrOff('--ping'))
    .option('--dead-after <auto|off|T>', 'silence after which a stream counts as dead', flag.deadAfter('--dead-after'))
    .option(
      '--client <NAME>',
      `the limits of a real client: ${CLIENT_NAMES.join(', ')}`,
      flag.oneOf('--client', CLIENT_NAMES),
    )
    .option('--backoff <KIND>', 'full-jitter, equal or none', flag.oneOf('--backoff', ['full-jitter', 'equal', 'none']))
    .option(
      '--retry <KIND>',
      'SSE after a status but 200: over, as an eventsource (default), or resilient',
      flag.oneOf('--retry', ['eventsource', 'resilient']),
    )
    .option(
      '--accept-encoding <LIST|off>',
      'SSE and polls: the codings to accept (default as Chromium: gzip, deflate; over TLS or to this machine br, zstd too)',
      flag.acceptEncoding('--accept-encoding'),
    )
    .option('--pongs <on|off>', 'answer pings', flag.onOff('--pongs'))
    .option('--for <T>', 'end after this long', flag.duration('--for'))
    .option('--events <N>', 'end when every lane has had N different events', flag.count('--events'))
    .option('--record <FILE>', 'record the run; compressed when the name ends in .gz')
    .option('--json', 'one JSON observation a line on stdout, people’s text on stderr');

async function watch(url: string | undefined, flags: WatchFlags): Promise<number> {
  const shutdown = new Shutdown();
  const out = openOut(flags.json === true, () => shutdown.request('nobody reads'));
  const { config, dialect, note, host } = await configure(url, flags).catch((error: unknown) => {
    throw withFlag(error);
  });
  if (flags.record !== undefined) {
    await checkRecordable(flags.record).catch((error: unknown) => {
      throw withRecordPlace(error, flags);
    });
  }
  for (const said of [...(note ? [note] : []), ...idleFlags(flags, config.lanes ?? [])]) out.stderr(said);

  const lab = new Lab({
    host: 'cli',
    version: VERSION,
    dataDir: null,
    config,
    record: flags.record ?? null,
    direct: flags.via === undefined,
    wire: false,
    endpointHost: host,
    ...(dialect ? { dialect } : {}),
  });
  const end = new WatchEndCondition({ events: flags.events ?? null, patient: flags.for !== undefined }, (why) =>
    shutdown.request(why),
  );
  const text = new RunReporter(out);
  lab.listen((o) => {
    end.observe(o);
    text.observe(o);
  });
  try {
    await lab.start();
    if (flags.for !== undefined) setTimeout(() => shutdown.request('time is up'), flags.for).unref();
    // unref: the sockets of a run keep the process alive, and so does this
    const keepAlive = setInterval(() => undefined, 1 << 30);
    const why = await shutdown.requested;
    clearInterval(keepAlive);
    text.ends(why);
  } catch (error) {
    throw withFlag(withRecordPlace(error, flags));
  } finally {
    await withDeadline(lab.close());
  }
  text.summary();
  if (flags.record !== undefined) text.recorded(flags.record);
  if (end.unopened.length === 0) return 0;
  for (const { id, url: of, evidence } of end.unopened) {
    out.stderr(`heartline: ${id} never opened ${shownUrl(of)} (${evidence ?? 'no answer'}).`);
  }
  return 3;
}

async function configure(
  url: string | undefined,
  flags: WatchFlags,
): Promise<{ config: Partial<RunConfig>; dialect: Dialect | null; note: string | null; host: EndpointHost }> {
  if ((flags.timeScale ?? 1) !== 1) {
    throw flag.refuse(
      '--time-scale',
      'Time cannot be scaled for a remote target: its own timers would not follow.',
      'Leave it out, or try the embedded server in heartline open.',
    );
  }
  const library = flags.endpoint === undefined ? null : openLibrary();
  const saved = library && endpointNamed(library, flags.endpoint!);
  if (url === undefined && !flags.lane && !saved) {
    throw flag.refuse('URL', 'There is nothing to follow.', 'Give a URL and --method, or --lane METHOD=URL.');
  }
  if (url === undefined && flags.method && !saved)
    throw flag.refuse('--method', 'There is no URL to follow by it.', 'Give a URL.');
  if (url !== undefined && !flags.lane && !flags.method && flags.channel === undefined && !saved) {
    throw flag.refuse('--method', 'How shall this URL be followed?', `Give --method ${METHODS.join('|')}.`);
  }
  if (flags.after !== undefined && /[^\x21-\x7e]/.test(flags.after)) {
    throw flag.refuse('--after', 'A cursor has no spaces or control characters.', 'Give one as it was printed.');
  }
  const path = resolveVia(flags.via ?? []);

  const lanes: LaneSpec[] = [];
  let base: string | null = null;
  if (url === undefined && saved) {
    base = saved.base;
    const followed = METHODS.filter((method) => saved.base !== null || saved.urls[method] !== undefined);
    lanes.push(...(flags.method ?? followed).map((method) => ({ method })));
  }
  if (url !== undefined) {
    const single = flags.method?.length === 1 ? flags.method[0]! : null;
    flag.url('URL', url, single);
    // With a channel, a URL without a path is where the dialect begins.
    const isBase = flags.channel !== undefined && new URL(url).pathname === '/';
    if (isBase) base = url;
    const methods = flags.method ?? (isBase ? METHODS : []);
    if (methods.length === 0 && !flags.lane) {
      throw flag.refuse('--method', 'How shall this URL be followed?', `Give --method ${METHODS.join('|')}.`);
    }
    for (const method of methods) {
      if (!isBase) flag.url('URL', url, method);
      lanes.push(isBase ? { method } : { method, url });
    }
  }
  lanes.push(...(flags.lane ?? []));
  if (flags.client !== undefined) {
    const { label, methods, what, source } = clientNamed(flags.client);
    for (const lane of lanes.filter((one) => methods.includes(one.method))) lane.client = withClient(flags.client, {});
    if (!lanes.some((one) => methods.includes(one.method)))
      throw flag.refuse(
        '--client',
        `${label} speaks none of these methods.`,
        `It is for ${methods.join(' and ')}. ${what} (${source})`,
      );
  }

  const channel = flags.channel ?? saved?.channel ?? DEFAULTS.channel;
  const host = endpointHost({ library, command: flags.tokenCmd, allowCommands: flags.allowCommands });
  const env = flags.env === undefined ? {} : envFile(flags.env).vars;
  const vars = { ...saved?.vars, ...env, ...flags.var };
  const kept = saved && library.valuesFor(saved);
  const valueOf = (name: string): string | undefined => {
    const [kind, bare] = [name.slice(0, 3), name.replace(/^(var|secret)\./, '')];
    const given = kind === 'var' ? { ...env, ...flags.var } : env;
    return Object.hasOwn(given, bare) ? given[bare] : kept?.(name);
  };
  const asked: RemoteTarget = {
    ...(saved ?? { kind: 'remote', urls: {}, dialect: 'plain' }),
    name: saved?.name ?? shownUrl(url ?? lanes[0]!.url!),
    base,
    channel,
    ...targetOfFlags(flags),
    headers: { ...saved?.headers, ...flags.header },
    ...(Object.keys(vars).length === 0 ? {} : { vars }),
  };
  refuseFields(asked);
  const target = fillTarget(asked, valueOf);
  const { dialect, name, note } = await chooseDialect(flags, target, lanes, host);
  return {
    note,
    dialect,
    host,
    config: {
      target: { ...target, dialect: name },
      lanes,
      path,
      channel,
      after: flags.after ?? null,
      seed: randomInt(2 ** 32),
      ...(flags.poll === undefined ? {} : { pollMs: flags.poll, pollFloorMs: flags.poll }),
      ...(flags.hold === undefined ? {} : { holdMs: flags.hold }),
      ...(flags.ping === undefined ? {} : { pingMs: flag.orNull(flags.ping) }),
      ...(flags.deadAfter === undefined ? {} : { deadAfter: flags.deadAfter }),
      ...(flags.backoff === undefined ? {} : { backoff: flags.backoff }),
      ...(flags.retry === undefined ? {} : { retry: flags.retry }),
      ...(flags.acceptEncoding === undefined ? {} : { acceptEncoding: flags.acceptEncoding }),
      ...(flags.pongs === undefined ? {} : { pongs: flags.pongs }),
    },
  };
}

/** Flags that some methods alone have a use for. */
const METHOD_FLAGS: [name: keyof WatchFlags, flag: string, methods: readonly Method[]][] = [
  ['poll', '--poll', ['short-polling']],
  ['hold', '--hold', ['long-polling']],
  ['ping', '--ping', ['websocket']],
  ['pongs', '--pongs', ['websocket']],
  ['acceptEncoding', '--accept-encoding', ['short-polling', 'long-polling', 'sse']],
  ['deadAfter', '--dead-after', ['sse', 'websocket']],
  ['data', '--data', ['short-polling', 'long-polling', 'sse']],
  ['httpMethod', '--http-method', ['short-polling', 'long-polling', 'sse']],
  ['open', '--open', ['websocket']],
  ['subprotocol', '--subprotocol', ['websocket']],
];

/** A sentence for each flag that was given and changes nothing, since no lane has a use for it. */
function idleFlags(flags: WatchFlags, lanes: readonly LaneSpec[]): string[] {
  return METHOD_FLAGS.filter(
    ([name, , methods]) => flags[name] !== undefined && !lanes.some((lane) => methods.includes(lane.method)),
  ).map(([, flag, methods]) => `${flag} changes nothing here: it is for ${methods.join(' and ')}.`);
}

/** As said; else ours where the endpoint shows that it is one of ours, and the plain standards elsewhere. */
async function chooseDialect(
  flags: WatchFlags,
  target: RemoteTarget,
  lanes: readonly LaneSpec[],
  host: EndpointHost,
): Promise<{ dialect: Dialect | null; name: string; note: string | null }> {
  const said = flags.dialect;
  const lane = lanes.find((one) => one.url !== undefined);
  if (said === undefined) {
    if (flags.endpoint !== undefined) return { dialect: null, name: target.dialect, note: null };
    // only a dialect can make URLs from a base, and the plain one makes none
    if (!lane?.url || target.base !== null) return { dialect: null, name: 'heartline', note: null };
    const { method, url } = lane;
    const way = probeWay(target, method, host);
    // what may cost something is asked for once, by its lane
    if (!way.endpoint.repeatable) {
      const note = `${shownUrl(url)} is asked by ${httpMethodOf(target)}, once: followed by the plain standards. --dialect says otherwise.`;
      return { dialect: null, name: 'plain', note };
    }
    const ours = await isHeartlineServer(url, way);
    const note = `${shownUrl(url)} does not speak Heartline's dialect: followed by the plain standards. --dialect says otherwise.`;
    return { dialect: null, name: ours ? 'heartline' : 'plain', note: ours ? null : note };
  }
  const dialect = dialectOf(said, '--dialect');
  return { dialect, name: dialect.name, note: null };
}

/** Says by its flag what is wrong with a target. */
function refuseFields(target: RemoteTarget): void {
  const [problem] = endpointProblems(target);
  if (!problem) return;
  const { field, message, hint } = problem;
  throw flag.refuse(flagOfField(field) ?? field, message, hint ?? 'See heartline watch --help.');
}

/** What an endpoint is asked by before its run begins. */
function probeWay(target: RemoteTarget, method: Method, host: EndpointHost): ProbeWay {
  const clock = realClock(1);
  const { signal } = new AbortController();
  const run = new RunEndpoint({ ...host, target, dialectHasToken: false, clock, secrets: new KnownSecrets(), signal });
  return { endpoint: run.clientFor(method, () => {}), network: () => run.network(), clock };
}

function headers(text: string, before: Record<string, string> = {}): Record<string, string> {
  const lines = /^(@|env:)/.test(text) ? secretText('--header', text).split(/\r?\n/) : [text];
  return lines.filter((one) => one.trim() !== '').reduce((all, one) => flag.header('--header')(one, all), before);
}

/** Names the flag by which something was given that the engine then found fault with. */
function withFlag(error: unknown): unknown {
  const place = error instanceof Failure && error.place !== undefined ? flagOfField(error.place) : null;
  return error instanceof Failure && place !== null ? new Failure({ ...error.toData(), place }) : error;
}

/** Puts the flag in front of what went wrong with what it named. */
function withRecordPlace(error: unknown, flags: WatchFlags): unknown {
  if (!(error instanceof Failure) || error.place !== flags.record) return error;
  const { message, ...rest } = error.toData();
  return new Failure({ ...rest, place: '--record', message: `${flags.record}: ${message}`, exit: rest.exit ?? 3 });
}
