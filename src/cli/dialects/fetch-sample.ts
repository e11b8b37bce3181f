/** A few real messages of an endpoint: one request, or one WebSocket, for a short while. */
import { WebSocket } from 'ws';
import type { Method } from '../../shared/catalog.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { planRequest } from '../../shared/dialect/plan.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { shownUrl } from '../../shared/secrets.ts';

const LONG_ENOUGH_MS = 5000;
const MAX_BYTES = 256 * 1024;
const MAX_MESSAGES = 50;

export interface FetchedSample {
  text: string;
  headers: Record<string, unknown>;
}

/** @throws Failure `unreachable` */
export async function fetchSample(url: string, dialect: Dialect, method: Method): Promise<FetchedSample> {
  const plan = planRequest(dialect, method, url, { cursor: null, resume: false }, () => '');
  try {
    return method === 'websocket' ? await overWebSocket(plan) : await overHttp(plan, method);
  } catch (error) {
    throw new Failure({
      code: 'unreachable',
      message: `${shownUrl(url)} gave no sample: ${messageOf(error)}.`,
      hint: 'Check URL and method, or give a file with messages.',
      place: '--sample',
      exit: 3,
    });
  }
}

type Plan = ReturnType<typeof planRequest>;

async function overHttp({ url, method, headers, body }: Plan, as: Method): Promise<FetchedSample> {
  const accept = as === 'sse' ? 'text/event-stream, */*;q=0.5' : 'application/json, */*;q=0.5';
  const response = await fetch(url, {
    method: method ?? 'GET',
    headers: { accept, ...headers },
    body,
    signal: AbortSignal.timeout(LONG_ENOUGH_MS * 4),
  });
  let text = '';
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  const timer = setTimeout(() => void reader?.cancel(), LONG_ENOUGH_MS);
  while (reader && text.length < MAX_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
  }
  clearTimeout(timer);
  await reader?.cancel();
  return { text, headers: Object.fromEntries(response.headers) };
}

function overWebSocket({ url, headers, subprotocols, open }: Plan): Promise<FetchedSample> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(url, subprotocols, { headers, perMessageDeflate: false });
    const messages: string[] = [];
    const finish = (): void => {
      clearTimeout(timer);
      ws.terminate();
      resolve({ text: messages.join('\n'), headers: {} });
    };
    const timer = setTimeout(finish, LONG_ENOUGH_MS);
    const waiting = open.flatMap(({ send }) => (send === null ? [] : [send]));
    const next = (): void => {
      const text = waiting.shift();
      if (text !== undefined) ws.send(text);
    };
    ws.on('open', next);
    ws.on('message', (data: Buffer) => {
      messages.push(data.toString('utf8'));
      next();
      if (messages.length >= MAX_MESSAGES) finish();
    });
    ws.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    ws.on('close', finish);
  });
}
