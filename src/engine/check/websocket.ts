import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket } from 'ws';
import { DEFAULTS } from '../../shared/defaults.ts';
import { mediaType, refusalWords } from '../client/connection/refusal-words.ts';
import { methodOf } from '../../shared/dialect/model.ts';
import type { Sample } from './dialect-fit.ts';
import { silent } from './first-bytes.ts';
import { judgeHead, noHead, refusalHint, unreadableHead, withWords } from './head.ts';
import { errorText, EXPLANATION_MS, PROBE_BODY_LIMIT, within, type Probe } from './probe.ts';
import { Received } from './received.ts';
import { failed, ok, type StepResult } from './step-list.ts';

/** A WebSocket that stands, and the messages it has brought. */
export interface OpenSocket {
  subprotocol: string;
  /** Texts; what is no text counts as an empty one. */
  messages: Received<string>;
  /** How the server ended it; null while it stands. */
  closed: { code: number; reason: string } | null;
}

/** More of them tell nothing more. */
const MESSAGES = 3;
/** How long the closing handshake may take. */
const CLOSE_MS = 500;

/** Asks for the upgrade, as the lane does. */
export async function upgrade(p: Probe, connection: Duplex): Promise<StepResult<OpenSocket>> {
  const limit = p.left();
  try {
    return (await within(p.clock, limit, ask(p, connection))) ?? noHead(p, limit);
  } catch (error) {
    if (/subprotocol/i.test(errorText(error))) return otherSubprotocol(p, errorText(error));
    return unreadableHead(error, p.url);
  }
}

async function ask(p: Probe, connection: Duplex): Promise<StepResult<OpenSocket>> {
  const attempt = await p.client.attempt();
  const plan = { url: p.url.href, method: null, headers: {}, body: null };
  const { url, headers } = attempt.request(plan, '*/*', null);
  for (const name of ['accept', 'accept-encoding', 'content-type']) delete headers[name];
  // ws offers subprotocols itself
  const own = headers['sec-websocket-protocol'];
  delete headers['sec-websocket-protocol'];
  const protocols =
    own === undefined
      ? [...new Set([...attempt.subprotocols(), ...methodOf(p.dialect, 'websocket').subprotocols])]
      : own.split(',').map((one) => one.trim());
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, protocols, {
      headers,
      perMessageDeflate: false,
      maxPayload: DEFAULTS.limits.wsClientPayload,
      createConnection: () => connection,
    });
    p.onOver(() => closePolitely(p, ws));
    const open: OpenSocket = { subprotocol: '', messages: new Received(), closed: null };
    ws.on('error', reject); // after the handshake 'close' follows, and tells
    ws.on('open', () => {
      open.subprotocol = ws.protocol;
      resolve(ok(`101: it switches to WebSocket${ws.protocol === '' ? '' : `, subprotocol ${ws.protocol}`}.`, open));
    });
    ws.on('message', (data, binary) => {
      if (open.messages.items.length >= MESSAGES) return;
      open.messages.push(binary || !Buffer.isBuffer(data) ? '' : data.toString());
    });
    ws.on('close', (code, reason) => {
      open.closed = { code, reason: reason.toString() };
      open.messages.end();
    });
    ws.on('unexpected-response', (request, response) => {
      p.onOver(() => request.destroy());
      notSwitched(p, response).then(resolve, reject);
    });
  });
}

/** HTTP went on where the protocol should have been switched (RFC 6455, 4.1). */
async function notSwitched(p: Probe, response: IncomingMessage): Promise<StepResult<never>> {
  const { statusCode: status = 0, headers } = response;
  const type = mediaType(headers);
  const redirect = status >= 300 && status < 400;
  const about = redirect || type === 'text/html' ? judgeHead(p.method, p.dialect, p.url, status, headers) : null;
  if (about && !about.explain) return about.result;
  const body = status >= 400 || about ? await bodyOf(p, response) : '';
  if (about?.explain) return about.explain(body);
  const what = `${status}${type === '' ? '' : ` ${type}`} answers instead of a switch to WebSocket`;
  const stripped = status < 300 || status === 400 || status === 426;
  return failed(
    withWords(what, status >= 400 ? refusalWords(headers, body) : null),
    stripped
      ? 'Something on the way may take the Upgrade header away (a proxy must pass it on), or this URL is not for WebSocket.'
      : refusalHint(status),
  );
}

/** What a refusal says, as far as it comes soon. */
async function bodyOf(p: Probe, response: IncomingMessage): Promise<string> {
  const body = new Received<Buffer>();
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > PROBE_BODY_LIMIT) body.end();
    else body.push(chunk);
  });
  response.on('error', () => body.end());
  response.on('close', () => body.end());
  await body.until(() => false, Math.min(EXPLANATION_MS, p.left()), p.clock);
  return Buffer.concat(body.items).toString('utf8');
}

function otherSubprotocol(p: Probe, detail: string): StepResult<never> {
  const offered = methodOf(p.dialect, 'websocket').subprotocols.join(', ');
  const plain = p.dialects.find((d) => methodOf(d, 'websocket').subprotocols.length === 0);
  if (plain) p.suggest(plain);
  const what = /no subprotocol/i.test(detail) ? 'takes none of the subprotocols' : 'does not keep to the subprotocols';
  return failed(
    `It speaks WebSocket, but ${what} of ${p.dialect.label}${offered === '' ? '' : ` (${offered})`}.`,
    plain ? `Choose the dialect ${plain.label}, which asks for none.` : 'Choose another dialect.',
  );
}

export async function firstMessage(p: Probe, socket: OpenSocket): Promise<StepResult<Sample>> {
  const { messages, subprotocol } = socket;
  const startedAt = p.clock.now();
  const came = await messages.until(() => messages.items.length > 0, Math.min(p.limits.firstByteMs, p.left()), p.clock);
  const sample: Sample = { kind: 'websocket', subprotocol, messages: [...messages.items] };
  if (came) return ok(`The first message, of ${messages.items[0]!.length} characters, has come.`, sample);
  if (!socket.closed) {
    const { text, ...rest } = silent(p.clock.now() - startedAt);
    return { ...rest, text: text.replace('byte', 'message'), value: sample };
  }
  const { code, reason } = socket.closed;
  const why = reason === '' ? '' : `: “${reason}”`;
  const how = code === 1006 ? 'without a close frame' : `with ${code}${why}`;
  return failed(`The server closed the WebSocket ${how}.`, 'Check channel, headers and dialect; see the server’s log.');
}

/** With a close frame, and not for long. */
function closePolitely(p: Probe, ws: WebSocket): Promise<void> {
  const closed = Promise.withResolvers<void>();
  const cancel = p.clock.after(CLOSE_MS, () => ws.terminate());
  ws.once('close', () => {
    cancel();
    closed.resolve();
  });
  if (ws.readyState === WebSocket.CLOSED) {
    cancel();
    closed.resolve();
  } else if (ws.readyState === WebSocket.OPEN) ws.close(1000);
  else if (ws.readyState === WebSocket.CONNECTING) ws.terminate();
  return closed.promise;
}
