import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { wire } from '../../client/capture.ts';
import { headText, NOT_HTTP, staysBehind } from '../../client/http.ts';
import { guarded, Outbox } from '../../client/outbox.ts';
import { ask, baseHeaders, personalOf, tellUnsaid } from '../../client/requests.ts';
import { explains, EXPLAIN_BYTES, EXPLAIN_WITHIN } from '../../client/statuses.ts';
import type { ConnectContext, Signal } from '../../client/signal.ts';
import { Timers } from '../../client/timers.ts';
import { SocketCore, type SocketInput, type SocketOutput } from './core.ts';

/** Without these there is no switch of protocols. */
const HANDSHAKE = /^(connection|upgrade|sec-websocket-(key|version))$/;

/** Carries out what the core decides, on one `ws` socket dialled on the line. */
export function connect(ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings, dialect, line } = ctx;
  const core = new SocketCore({ dialect, settings, cursor: ctx.cursor });
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  let ws: WebSocket | null = null;
  let requests = 0;
  let asked = 0;
  let lastError: (Error & { code?: string }) | null = null;
  let cancelWait = (): void => {};
  let pingData: Buffer = Buffer.alloc(0);
  const outbox = new Outbox(() => {
    timers.clear();
    cancelWait();
    leave(ws);
  });
  const step = (input: SocketInput): void => guarded(outbox, () => run(core.step(input, clock.now())));
  const run = (outputs: SocketOutput[]): void => {
    for (const o of outputs) {
      if (outbox.closed) return;
      if (o.out === 'arm') timers.arm(o.name, o.ms);
      else if (o.out === 'disarm') timers.disarm(o.name);
      else if (o.out === 'signal') outbox.push(o.signal);
      else if (ws?.readyState !== WebSocket.OPEN) continue;
      else if (o.out === 'ping') ws.ping();
      else if (o.out === 'pong') ws.pong(pingData);
      else ws.send(o.text);
      if (settings.wire && (o.out === 'ping' || o.out === 'pong')) outbox.push(wire('out', 'control', o.out));
      if (settings.wire && o.out === 'send') outbox.push(wire('out', 'frame', o.text));
    }
  };
  const answered = (res: IncomingMessage): void => {
    if (settings.wire) outbox.push(wire('in', 'response', headText(res)));
    const took = Math.round(clock.now() - asked);
    outbox.push({ kind: 'response', id: requests, status: res.statusCode ?? 0, bytes: 0, took, empty: false });
  };

  const asking = ask(dialect.websocket.ask, ctx.url, ctx.cursor);
  tellUnsaid(asking, ctx.memory, (s) => outbox.push(s));
  const headers: Record<string, string> = { ...baseHeaders(ctx, '*/*'), ...asking.headers };
  delete headers['accept'];
  delete headers['accept-encoding'];
  // ws offers subprotocols itself
  const own = headers['sec-websocket-protocol'];
  delete headers['sec-websocket-protocol'];
  const protocols = own === undefined ? dialect.websocket.subprotocols : own.split(',').map((p) => p.trim());

  try {
    ws = new WebSocket(asking.url, protocols, {
      headers,
      perMessageDeflate: false,
      autoPong: false, // pongs can be muted while the connection lives
      closeTimeout: Math.max(100, 2000 / clock.scale), // a server that closes and stays is left
      maxPayload: DEFAULTS.limits.wsClientPayload,
      maxFragments: DEFAULTS.limits.wsFragments,
      maxHeaderSize: DEFAULTS.limits.headerBlock,
      followRedirects: true,
      maxRedirects: 5,
      createConnection: ((o: { host: string; port: number; servername?: string; agent?: unknown }): Duplex => {
        const secure = new URL(ws?.url || asking.url).protocol === 'wss:';
        const name = o.servername ? { servername: o.servername } : {};
        return line.open({ host: o.host, port: Number(o.port), secure, ...name });
      }) as never,
      finishRequest(request: { end(): void; path: string; _header?: string }) {
        requests++;
        asked = clock.now();
        const cursor = ctx.cursor === null || asking.unsaid ? {} : { cursor: ctx.cursor };
        request.end();
        outbox.push({ kind: 'request', id: requests, method: 'GET', url: asking.url, ...cursor });
        if (settings.wire) outbox.push(wire('out', 'request', request._header ?? ''));
      },
    } as ConstructorParameters<typeof WebSocket>[2] & object);
  } catch (error) {
    step({ in: 'lost', evidence: 'protocol', detail: (error as Error).message });
    return outbox;
  }

  // a listener takes this over from ws, which would only keep Authorization and Cookie back
  let abroad = false;
  ws.on('redirect', (url, request) => {
    abroad ||= new URL(url).origin !== new URL(asking.url).origin;
    if (!abroad) return;
    const personal = personalOf(ctx).filter((name) => !HANDSHAKE.test(name));
    for (const name of request.getHeaderNames()) if (staysBehind(name, personal)) request.removeHeader(name);
    request.setHeader('host', new URL(url).host);
  });
  ws.on('upgrade', answered);
  ws.on('unexpected-response', (_request, res) => {
    answered(res);
    const { statusCode: status = 0, headers } = res;
    let body = '';
    const refused = (): void => step({ in: 'refused', status, headers, body });
    res.on('error', refused);
    if (!explains(headers)) return refused();
    res.setEncoding('utf8');
    res.on('data', (text: string) => {
      body += text;
      if (body.length > EXPLAIN_BYTES) refused();
    });
    res.on('close', refused);
    cancelWait = clock.after(EXPLAIN_WITHIN, refused);
  });
  ws.on('open', () => step({ in: 'open' }));
  ws.on('message', (data: Buffer, binary) => {
    const text = binary ? '' : data.toString('utf8');
    if (settings.wire) {
      outbox.push(wire('in', 'frame', binary ? `${data.length} bytes, binary` : text, data.length));
    }
    step(binary ? { in: 'binary', bytes: data.length } : { in: 'text', text, bytes: data.length });
  });
  ws.on('ping', (data) => {
    pingData = data;
    if (settings.wire) outbox.push(wire('in', 'control', `ping ${data.toString('latin1')}`.trim()));
    step({ in: 'ping' });
  });
  ws.on('pong', () => {
    if (settings.wire) outbox.push(wire('in', 'control', 'pong'));
    step({ in: 'pong' });
  });
  ws.on('error', (error) => (lastError = error)); // 'close' follows, and tells
  ws.on('close', (code, reason) => {
    if (settings.wire && code !== 1006) outbox.push(wire('in', 'control', `close ${code} ${reason.toString()}`.trim()));
    const error = lastError;
    const raw = line.newest;
    if (error?.code?.startsWith('WS_ERR_')) {
      outbox.push({ kind: 'notice', level: 'error', code: 'bad-frame', message: error.message });
      step({ in: 'lost', evidence: 'protocol', detail: error.message });
    } else if (code === 1005) step({ in: 'closed', code: null, reason: '' });
    else if (code !== 1006) step({ in: 'closed', code, reason: reason.toString() });
    else if (error?.code === 'HPE_HEADER_OVERFLOW') {
      const detail = `the header block is longer than ${DEFAULTS.limits.headerBlock / 1024} KiB`;
      step({ in: 'lost', evidence: 'protocol', detail });
    } else if (error?.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') {
      step({ in: 'lost', evidence: 'protocol', detail: NOT_HTTP });
    } else if (raw?.evidence)
      step({ in: 'lost', evidence: raw.evidence, ...(raw.detail ? { detail: raw.detail } : {}) });
    else step({ in: 'lost', evidence: 'protocol', detail: error?.message ?? 'closed without a word' });
  });
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  step({ in: 'asked' });
  return outbox;
}

/** Says goodbye where that is still possible, and does not wait for an answer. */
function leave(ws: WebSocket | null): void {
  if (!ws) return;
  if (ws.readyState === WebSocket.OPEN) ws.close(1000);
  ws.terminate();
}
