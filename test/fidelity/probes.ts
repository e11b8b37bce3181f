/** The same questions to a real proxy and to its imitation. Each gives words, or milliseconds to be compared as such. */
import { end, newId, page, type Findings, type Probe, type Subject } from './asking.ts';
import { Client, frame, sleep } from './client.ts';

export * from './probes-framing.ts';
export * from './probes-http.ts';
export type { Findings, Probe } from './asking.ts';

const WS = {
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
};

const origin = (on: Subject, id: string, since = 0): string => {
  const first = on.origin.seen(id).ended.find((e) => e.at >= since);
  return first ? first.how : 'nothing';
};

async function silent(on: Subject, every: number): Promise<Findings> {
  const id = newId();
  const client = new Client(on.way);
  client.ask(`/sse?id=${id}&n=3&every=${every}`);
  await client.until(() => client.ended || client.answer?.whole, 2.6 * on.limitMs + 3000);
  const at = client.ended?.at ?? client.answer?.wholeAt ?? null;
  await client.until(() => client.ended, 400);
  await sleep(200);
  const seen = on.origin.seen(id);
  const last = seen.wrote.at(-1) ?? client.sentAt;
  client.close();
  return {
    'silent stream: client sees': end(client),
    'silent stream: events delivered': String(client.answer?.events.length ?? 0),
    'silent stream: origin sees': origin(on, id),
    'silent stream: ends after (ms)': at === null || at < last ? null : Math.round(at - last),
  };
}

export const silentStream: Probe = (on) => silent(on, 100);

export const silentStreamSpaced: Probe = async (on) => {
  const found = await silent(on, 500);
  return { 'silent stream, events 500 ms apart: ends after (ms)': found['silent stream: ends after (ms)']! };
};

export const heartbeats: Probe = async (on) => {
  const id = newId();
  const client = new Client(on.way);
  const length = Math.round(3.2 * on.limitMs);
  client.ask(`/sse?id=${id}&n=1&beat=${Math.round(0.6 * on.limitMs)}&for=${length}`);
  await client.until(() => client.ended || client.answer?.whole, length + 3000);
  const { finishedAt } = on.origin.seen(id);
  client.close();
  return { 'comments keep a stream alive': finishedAt !== null && (client.answer?.whole ?? false) ? 'yes' : 'no' };
};

export const heldPoll: Probe = async (on) => {
  const id = newId();
  const hold = 2 * on.limitMs + 1000;
  const client = new Client(on.way);
  client.ask(`/long-poll?id=${id}&hold=${hold}`);
  await client.until(() => client.ended || client.answer?.whole, hold + 3 * on.limitMs + 3000);
  const at = client.answer?.wholeAt ?? client.ended?.at ?? null;
  await client.until(() => client.ended, 400);
  await sleep(150);
  client.close();
  return {
    'held poll: client gets': end(client),
    'held poll: the error says': page(client),
    'held poll: after (ms)': at === null ? null : Math.round(at - client.sentAt),
    'held poll: origin sees': origin(on, id),
    'held poll: requests at the origin': String(on.origin.seen(id).requests.length),
    'HTTP version to the origin': on.origin.seen(id).requests[0]?.version ?? 'none',
  };
};

export const handshake: Probe = async (on) => {
  const id = newId();
  const client = new Client(on.way);
  client.ask(`/ws?id=${id}`, WS);
  await client.until(() => client.answer || client.ended, on.limitMs + 1500);
  const request = on.origin.seen(id).requests[0];
  client.close();
  return {
    'handshake: client gets': client.answer
      ? String(client.answer.head.status)
      : client.ended
        ? client.ended.how
        : 'no answer',
    'handshake: origin gets': request ? (request.upgrade ? 'the Upgrade' : 'a plain GET') : 'nothing',
  };
};

function socket(name: string, query: string, says: ((client: Client) => void) | null): Probe {
  return async (on) => {
    const id = newId();
    const step = Math.round(0.6 * on.limitMs);
    const client = new Client(on.way);
    client.ask(`/ws?id=${id}${query.replace('STEP', String(step))}`, WS);
    await client.until(() => client.answer || client.ended, on.limitMs + 1500);
    if (client.answer?.head.status !== 101) {
      client.close();
      return {};
    }
    let close = 'no close frame';
    let last = performance.now();
    client.frames((bytes, at) => {
      last = at;
      for (let i = 0; i < bytes.length; i += 2 + (bytes[i + 1]! & 127)) {
        if ((bytes[i]! & 15) === 8) close = `close ${bytes.readUInt16BE(i + 2)}`;
      }
    });
    client.socket.write(frame(1, 'hello'));
    await sleep(100);
    const timer = says ? setInterval(() => client.socket.writable && says(client), step) : undefined;
    const over = await client.until(
      () => client.ended,
      (says || query ? 3.2 : 2.6) * on.limitMs + (says || query ? 0 : 3000),
    );
    clearInterval(timer);
    await sleep(over ? 250 : 1);
    const how = over ? `${client.ended!.how}, ${close}` : 'stays open';
    const findings: Findings = { [`${name}: client sees`]: how };
    if (!says && !query) {
      findings[`${name}: origin sees`] = over ? origin(on, id) : 'nothing';
      findings[`${name}: ends after (ms)`] = over ? Math.round(client.ended!.at - last) : null;
    }
    client.close();
    return findings;
  };
}

export const silentSocket = socket('silent WebSocket', '', null);
export const originPings = socket('WebSocket, origin pings, client mute', '&ping=STEP', null);
export const clientPings = socket('WebSocket, client pings', '', (client) => client.socket.write(frame(9, 'c')));
export const clientOnly = socket('WebSocket, only the client speaks', '&echo=0', (client) =>
  client.socket.write(frame(1, 'x')),
);

/** Events that come together; a busy machine makes clumps too, of fewer. */
const CLUMP = 8;

/** With how many others the middle one of these came. */
function clump(events: readonly { at: number }[]): number {
  const together = Map.groupBy(events, (e) => e.at);
  const sizes = events.map((e) => together.get(e.at)!.length).sort((a, b) => a - b);
  return sizes[sizes.length >> 1] ?? 0;
}

function delay(name: string, query: string, fields: Record<string, string>, n = 20, every = 150): Probe {
  return async (on) => {
    const id = newId();
    const client = new Client(on.way);
    const length = n * every + 400;
    client.ask(`/sse?id=${id}&n=${n}&every=${every}&for=${length}${query}`, fields);
    await client.until(() => client.ended || client.answer?.whole, length + 3000);
    const { wrote, finishedAt } = on.origin.seen(id);
    client.close();
    const answer = client.answer;
    const lags = (answer?.events ?? []).map((e) => e.at - wrote[e.id - 1]!).sort((a, b) => a - b);
    const middle = lags[lags.length >> 1];
    const atEnd = finishedAt !== null && (answer?.events[0]?.at ?? Infinity) >= finishedAt - 10;
    const clumped = middle !== undefined && (middle > 60 || clump(answer!.events) >= CLUMP);
    const mode = middle === undefined ? 'never' : atEnd ? 'only at the end' : clumped ? 'late or in clumps' : 'at once';
    const findings: Findings = {
      [`${name}: events come`]: mode,
      [`${name}: half of them later than (ms)`]: middle === undefined ? null : Math.round(middle),
    };
    if (query.includes('xab')) {
      findings[`${name}: the field reaches the client`] = answer?.field('x-accel-buffering') ? 'yes' : 'no';
    }
    if (fields['Accept-Encoding']) findings[`${name}: encoding`] = answer?.field('content-encoding') ?? 'identity';
    return findings;
  };
}

export const prompt = delay('stream', '', {});
export const accelerated = delay('stream with X-Accel-Buffering: no', '&xab=1', {});
export const compressed = delay('stream for a client that accepts gzip', '', { 'Accept-Encoding': 'gzip' });

export const untransformed = delay('stream with no-transform, gzip accepted', '&cc=no-transform', {
  'Accept-Encoding': 'gzip',
});

/** What is there of a compressed stream after its first event and long before its end. */
export const compressedStart: Probe = async (on) => {
  const client = new Client(on.way);
  client.ask(`/sse?id=${newId()}&n=2&every=1200&for=2400`, { 'Accept-Encoding': 'gzip' });
  await sleep(800);
  const { answer } = client;
  client.close();
  const body = !answer?.bytes ? 'nothing' : answer.events.length === 0 ? 'no event yet' : 'an event';
  return {
    'start of a stream, gzip accepted: head': answer ? String(answer.head.status) : 'not yet',
    'start of a stream, gzip accepted: body': body,
  };
};

export const fast = delay('fast stream (an event every 5 ms)', '', {}, 300, 5);
export const fastCompressed = delay('fast stream, gzip accepted', '', { 'Accept-Encoding': 'gzip' }, 300, 5);

export const headWaits: Probe = async (on) => {
  const id = newId();
  const first = 1200;
  const client = new Client(on.way);
  client.ask(`/sse?id=${id}&n=1&first=${first}&for=${first + 600}`);
  await client.until(() => client.answer || client.ended, first + 3000);
  const lag = client.answer ? client.answer.at - client.sentAt : null;
  client.close();
  const when =
    lag === null
      ? 'never'
      : lag < 120
        ? 'at once'
        : lag < 600
          ? 'after a moment'
          : lag < first + 300
            ? 'with the first event'
            : 'at the end';
  return { 'head of a stream comes': when };
};

async function polls(on: Subject, fields: Record<string, string>): Promise<Findings> {
  const client = new Client(on.way);
  const version = newId();
  const statuses: string[] = [];
  let kept = false;
  let etag: string | undefined;
  let sent: string | undefined;
  for (let i = 0; i < 3; i++) {
    const id = newId();
    if (client.ended) {
      statuses.push(client.ended.how);
      break;
    }
    const n = client.answers.length;
    client.ask(`/poll?id=${id}&v=${version}`, i === 1 && etag ? { ...fields, 'If-None-Match': etag } : fields);
    await client.until(() => client.answers.length > n && client.answer!.whole, 3000);
    await client.until(() => client.ended, 50);
    statuses.push(String(client.answer?.head.status ?? 'none'));
    etag ??= client.answer?.field('etag');
    const request = on.origin.seen(id).requests[0];
    // Asked before the conditional one is answered: whoever makes 304 of a 200 may leave the rest of it unread.
    if (i === 1) kept = request?.reused ?? false;
    if (i === 1) sent = request?.fields['if-none-match'];
  }
  client.close();
  const form =
    etag === undefined
      ? 'none'
      : etag.startsWith('W/')
        ? 'weakened'
        : etag.endsWith('-gzip"')
          ? 'with -gzip'
          : 'unchanged';
  return {
    statuses: statuses.join(', '),
    ETag: form,
    'If-None-Match reaches the origin': sent ? 'yes' : 'no',
    'connection to the origin is kept': kept ? 'yes' : 'no',
  };
}

const named = (name: string, findings: Findings): Findings =>
  Object.fromEntries(Object.entries(findings).map(([key, value]) => [`${name}: ${key}`, value]));

export const shortPolls: Probe = async (on) => named('three polls, the second conditional', await polls(on, {}));
export const gzipPolls: Probe = async (on) => {
  const found = await polls(on, { 'Accept-Encoding': 'gzip' });
  return named('polls of a client that accepts gzip', { statuses: found['statuses']!, ETag: found['ETag']! });
};

export const idleConnection: Probe = async (on) => {
  if (on.keepAliveMs === null) return {};
  const client = new Client(on.way);
  client.ask(`/poll?id=${newId()}`);
  await client.until(() => client.answer?.whole, 3000);
  const at = client.answer?.wholeAt ?? performance.now();
  await client.until(() => client.ended, on.keepAliveMs + 3000);
  client.close();
  return {
    'idle connection': client.ended ? client.ended.how : 'stays open',
    'idle connection: closed after (ms)': client.ended ? Math.round(client.ended.at - at) : null,
  };
};

function leaves(name: string, target: string, how: 'FIN' | 'RST'): Probe {
  return async (on) => {
    const id = newId();
    const client = new Client(on.way);
    client.ask(`${target}&id=${id}`);
    await sleep(750);
    const at = performance.now();
    if (how === 'FIN') client.socket.destroy();
    else client.socket.resetAndDestroy();
    await sleep(900);
    const reported = on.origin.seen(id).ended.find((e) => e.at >= at - 5);
    const when = reported === undefined ? 'does not hear of it' : `sees ${reported.how}`;
    return { [`client leaves ${name} (${how}): origin`]: when };
  };
}

export const leavesPoll = leaves('a held poll', '/long-poll?hold=6000', 'FIN');
export const leavesPollReset = leaves('a held poll', '/long-poll?hold=6000', 'RST');
export const leavesQuiet = leaves('a quiet stream', '/sse?n=1', 'FIN');
export const leavesBusy = leaves('a busy stream', '/sse?n=60&every=100', 'FIN');
export const leavesBusyReset = leaves('a busy stream', '/sse?n=60&every=100', 'RST');

function dies(how: 'fin' | 'rst'): Probe {
  return async (on) => {
    const id = newId();
    const stream = new Client(on.way);
    stream.ask(`/sse?id=${id}&n=3&every=100&for=600&die=${how}`);
    const poll = new Client(on.way);
    poll.ask(`/long-poll?id=${newId()}&hold=500&die=${how}`);
    await stream.until(() => stream.ended || stream.answer?.whole, 1600);
    await poll.until(() => poll.ended || poll.answer?.whole, 3000);
    await sleep(250);
    stream.close();
    poll.close();
    const word = how.toUpperCase();
    return {
      [`origin dies in a stream (${word}): client sees`]: `${end(stream)}, ${stream.answer?.events.length ?? 0} events`,
      [`origin dies before a poll’s answer (${word}): client gets`]: end(poll),
      [`origin dies before a poll’s answer (${word}): the error says`]: page(poll),
    };
  };
}

export const diesFin = dies('fin');
export const diesRst = dies('rst');

export const caching: Probe = async (on) => {
  const findings: Findings = {};
  for (const cc of ['none', 'no-cache']) {
    const key = newId();
    for (let i = 0; i < 2; i++) {
      const client = new Client(on.way);
      client.ask(`/poll?key=${key}&cc=${cc}`);
      await client.until(() => client.answer?.whole || client.ended, 3000);
      client.close();
      await sleep(50);
    }
    findings[`the same poll twice, ${cc === 'none' ? 'no Cache-Control' : cc}: requests at the origin`] = String(
      on.origin.hits(key),
    );
  }
  return findings;
};

export const together: Probe = async (on) => {
  const findings: Findings = {};
  const hold = 1000;
  for (const [cc, status] of [
    ['none', 204],
    ['no-cache', 200],
  ] as const) {
    const key = newId();
    const times = await Promise.all(
      [0, 1, 2, 3].map(async (i) => {
        await sleep(i * 30);
        const client = new Client(on.way);
        client.ask(`/long-poll?key=${key}&hold=${hold}&status=${status}&cc=${cc}`);
        await client.until(() => client.answer?.whole || client.ended, 8000);
        client.close();
        return Math.round(((client.answer?.wholeAt ?? 0) - client.sentAt) / hold);
      }),
    );
    const name = `four held polls on one URL, ${cc === 'none' ? 'no Cache-Control' : cc}`;
    findings[`${name}: answered after (holds)`] = times.sort().join(', ');
    findings[`${name}: requests at the origin`] = String(on.origin.hits(key));
  }
  return findings;
};

export const replay: Probe = async (on) => {
  const findings: Findings = {};
  for (const cc of ['none', 'no-cache']) {
    const key = newId();
    const target = `/sse?id=${newId()}&key=${key}&n=8&every=150&for=1500&cc=${cc}`;
    const first = new Client(on.way);
    first.ask(target);
    await sleep(700);
    const second = new Client(on.way);
    second.ask(target);
    await second.until(() => second.ended || second.answer?.whole, 6000);
    const events = second.answer?.events ?? [];
    const early = (events[0]?.at ?? Infinity) - second.sentAt < 300;
    const name = `second client on the same stream, ${cc === 'none' ? 'no Cache-Control' : cc}`;
    findings[`${name}: requests at the origin`] = String(on.origin.hits(key));
    findings[`${name}: gets`] = `${events.length} events from ${events[0]?.id ?? '–'}, ${early ? 'at once' : 'later'}`;
    first.close();
    second.close();
  }
  return findings;
};

export const unreachable: Probe = async (on) => {
  const client = new Client(on.dead);
  client.ask('/poll?id=none');
  await client.until(() => client.ended || client.answer?.whole, 6000);
  const at = client.answer?.wholeAt ?? client.ended?.at ?? null;
  await client.until(() => client.ended, 300);
  client.close();
  return {
    'origin down: client gets': end(client),
    'origin down: the error says': page(client),
    'origin down: after (ms)': at === null ? null : Math.round(at - client.sentAt),
  };
};
