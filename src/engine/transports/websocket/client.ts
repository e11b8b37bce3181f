import { messageOf } from '../../../shared/failure.ts';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DEFAULTS } from '../../../shared/defaults.ts';
import { wireSignal } from '../../client/connection/capture.ts';
import { headText, notHttp, isDroppedOnRedirect } from '../../client/net/request.ts';
import { guarded, SignalQueue } from '../../client/connection/signal-queue.ts';
import { whenReady, type Attempt, type AttemptRequest } from '../../client/endpoint/attempt.ts';
import { noAttempt } from '../../client/connection/no-attempt.ts';
import { methodOf } from '../../../shared/dialect/model.ts';
import { planAttempt, reportOnce, type PlannedAttempt } from '../../client/dialect/attempt.ts';
import { IdReader } from '../../client/dialect/ids.ts';
import { mayExplain } from '../../client/connection/refusal-words.ts';
import { REFUSAL_BODY_LIMIT, REFUSAL_BODY_TIMEOUT_MS } from '../../client/connection/statuses.ts';
import type { ConnectContext, Signal } from '../../client/connection/signal.ts';
import { Timers } from '../../client/connection/timers.ts';
import { WebSocketCore, type WebSocketInput, type WebSocketOutput } from './core.ts';

/** The headers of the opening handshake (RFC 6455, 4.1). */
const HANDSHAKE_HEADERS = /^(connection|upgrade|sec-websocket-(key|version))$/;

/** Carries out what the core decides, on one `ws` socket dialled on the line. */
export function connect(ctx: ConnectContext): AsyncIterable<Signal> {
  const { clock, settings, dialect, network } = ctx;
  const { cursor, resume, memory } = ctx;
  const ids = new IdReader(dialect.ids);
  const readsBinary = methodOf(dialect, 'websocket').framing !== 'text';
  const core = new WebSocketCore({ dialect, settings, cursor, memory });
  const timers = new Timers(clock, (name) => step({ in: 'timer', name }));
  let ws: WebSocket | null = null;
  let requests = 0;
  let requestedAt = 0;
  let lastError: (Error & { code?: string }) | null = null;
  let cancelWait = (): void => {};
  let pingData: Buffer = Buffer.alloc(0);
  const outbox = new SignalQueue(() => {
    timers.clear();
    cancelWait();
    closeAndTerminate(ws);
  });
  const step = (input: WebSocketInput): void => guarded(outbox, () => run(core.step(input, clock.now())));
  const run = (outputs: WebSocketOutput[]): void => {
    for (const o of outputs) {
      if (outbox.closed) return;
      if (o.out === 'arm') timers.arm(o.name, o.ms);
      else if (o.out === 'disarm') timers.disarm(o.name);
      else if (o.out === 'signal') outbox.push(o.signal);
      else if (ws?.readyState !== WebSocket.OPEN) continue;
      else if (o.out === 'ping') ws.ping();
      else if (o.out === 'pong') ws.pong(pingData);
      else ws.send(o.text);
      if (settings.wire && (o.out === 'ping' || o.out === 'pong')) outbox.push(wireSignal('out', 'control', o.out));
      if (settings.wire && o.out === 'send') outbox.push(wireSignal('out', 'frame', o.text));
    }
  };
  /** A flood of messages, pings or pongs must not pile up: no more is read until what came has been taken. */
  const waitForRoom = (): void => {
    const room = outbox.room();
    if (!room) return;
    ws?.pause();
    void room.then(() => ws?.resume());
  };
  const reportResponse = (res: IncomingMessage): void => {
    if (settings.wire) outbox.push(wireSignal('in', 'response', headText(res)));
    ctx.endpoint.answered(ws?.url ?? ctx.url, res.headers['set-cookie']);
    const took = Math.round(clock.now() - requestedAt);
    outbox.push({ kind: 'response', id: requests, status: res.statusCode ?? 0, bytes: 0, took, empty: false });
  };

  const dial = (attempt: Attempt): void => {
    if (outbox.closed) return;
    const epoch = memory.get('epoch') ?? ctx.epoch;
    const { values } = attempt;
    const target = planAttempt({ dialect, method: 'websocket', url: ctx.url, cursor, resume, epoch, values, ids });
    reportOnce(target.notice, memory, (s) => outbox.push(s));
    const request = attempt.request({ ...target, method: null, body: null }, '*/*', target.cursor);
    const headers = { ...request.headers };
    for (const name of ['accept', 'accept-encoding', 'content-type']) delete headers[name];
    // ws offers subprotocols itself
    const ownProtocols = headers['sec-websocket-protocol'];
    delete headers['sec-websocket-protocol'];
    const protocols =
      ownProtocols === undefined
        ? [...new Set([...attempt.subprotocols(), ...target.subprotocols])]
        : ownProtocols.split(',').map((p) => p.trim());
    const messages = [...target.open.map(({ send }) => send), ...attempt.open(target.cursor)];
    try {
      ws = open(request.url, protocols, headers, target);
    } catch (error) {
      return step({ in: 'lost', evidence: 'protocol', detail: messageOf(error) });
    }
    listen(ws, request, messages);
  };
  const open = (url: string, protocols: string[], headers: Record<string, string>, target: PlannedAttempt): WebSocket =>
    new WebSocket(url, protocols, {
      headers,
      perMessageDeflate: false,
      autoPong: false, // pongs can be muted while the connection lives
      closeTimeout: Math.max(100, 2000 / clock.scale), // a server that closes and stays is left
      maxPayload: DEFAULTS.limits.wsClientPayload,
      maxFragments: DEFAULTS.limits.wsFragments,
      maxHeaderSize: DEFAULTS.limits.headerBlock,
      followRedirects: true,
      maxRedirects: 5,
      // ws hands the port of a URL on as text
      createConnection: ((o: { host: string; port: number | string; servername?: string; agent?: unknown }): Duplex => {
        const secure = new URL(ws?.url || url).protocol === 'wss:';
        const name = o.servername ? { servername: o.servername } : {};
        return network.open({ host: o.host, port: Number(o.port), secure, ...name });
        // cast: ws types it as net.createConnection, and asks for any stream
      }) as never,
      finishRequest(request: { end(): void; path: string; _header?: string }) {
        requests++;
        requestedAt = clock.now();
        const from = target.cursor === null ? {} : { cursor: target.cursor };
        request.end();
        outbox.push({ kind: 'request', id: requests, method: 'GET', url, ...from });
        if (settings.wire) outbox.push(wireSignal('out', 'request', request._header ?? ''));
      },
      // cast: `finishRequest` is missing from its types
    } as ConstructorParameters<typeof WebSocket>[2] & object);

  const listen = (ws: WebSocket, request: AttemptRequest, messages: readonly (string | null)[]): void => {
    // a listener takes this over from ws, which would only keep Authorization and Cookie back
    let crossOrigin = false;
    ws.on('redirect', (url, next) => {
      crossOrigin ||= new URL(url).origin !== new URL(request.url).origin;
      if (!crossOrigin) return;
      const personal = request.userHeaders.filter((name) => !HANDSHAKE_HEADERS.test(name));
      for (const name of next.getHeaderNames()) if (isDroppedOnRedirect(name, personal)) next.removeHeader(name);
      next.setHeader('host', new URL(url).host);
    });
    ws.on('upgrade', reportResponse);
    ws.on('unexpected-response', (_request, res) => {
      reportResponse(res);
      const { statusCode: status = 0, headers } = res;
      let body = '';
      const refused = (): void => step({ in: 'refused', status, headers, body });
      res.on('error', refused);
      if (!mayExplain(headers)) return refused();
      res.setEncoding('utf8');
      res.on('data', (text: string) => {
        body += text;
        if (body.length > REFUSAL_BODY_LIMIT) refused();
      });
      res.on('close', refused);
      cancelWait = clock.after(REFUSAL_BODY_TIMEOUT_MS, refused);
    });
    ws.on('open', () => step({ in: 'open', sends: messages }));
    ws.on('message', (data: Buffer, binary) => {
      const text = binary ? '' : data.toString('utf8');
      if (settings.wire) {
        outbox.push(wireSignal('in', 'frame', binary ? `${data.length} bytes, binary` : text, data.length));
      }
      step(
        binary
          ? { in: 'binary', bytes: data.length, ...(readsBinary ? { data } : {}) }
          : { in: 'text', text, bytes: data.length },
      );
      waitForRoom();
    });
    ws.on('ping', (data) => {
      pingData = data;
      if (settings.wire) outbox.push(wireSignal('in', 'control', `ping ${data.toString('latin1')}`.trim()));
      step({ in: 'ping' });
      waitForRoom();
    });
    ws.on('pong', () => {
      if (settings.wire) outbox.push(wireSignal('in', 'control', 'pong'));
      step({ in: 'pong' });
      waitForRoom();
    });
    ws.on('error', (error) => (lastError = error)); // 'close' follows, and tells
    ws.on('close', (code, reason) => {
      if (settings.wire && code !== 1006)
        outbox.push(wireSignal('in', 'control', `close ${code} ${reason.toString()}`.trim()));
      const error = lastError;
      const raw = network.newest;
      if (error?.code?.startsWith('WS_ERR_')) {
        outbox.push({ kind: 'notice', level: 'error', code: 'bad-frame', message: error.message });
        step({ in: 'lost', evidence: 'protocol', detail: error.message });
      } else if (code === 1005) step({ in: 'closed', code: null, reason: '' });
      else if (code !== 1006) step({ in: 'closed', code, reason: reason.toString() });
      else if (error?.code === 'HPE_HEADER_OVERFLOW') {
        const detail = `the header block is longer than ${DEFAULTS.limits.headerBlock / 1024} KiB`;
        step({ in: 'lost', evidence: 'protocol', detail });
      } else if (error?.code?.startsWith('HPE_') && error.code !== 'HPE_INVALID_EOF_STATE') {
        step({ in: 'lost', evidence: 'protocol', detail: notHttp(error) });
      } else if (raw?.evidence)
        step({ in: 'lost', evidence: raw.evidence, ...(raw.detail ? { detail: raw.detail } : {}) });
      else step({ in: 'lost', evidence: 'protocol', detail: error?.message ?? 'closed without a word' });
    });
  };
  ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
  step({ in: 'request' });
  whenReady(ctx.endpoint.attempt(), dial, (error) => noAttempt(error).forEach((s) => outbox.push(s)));
  return outbox;
}

/** Sends a close frame where the socket is open, and does not wait for the reply. */
function closeAndTerminate(ws: WebSocket | null): void {
  if (!ws) return;
  if (ws.readyState === WebSocket.OPEN) ws.close(1000);
  ws.terminate();
}
