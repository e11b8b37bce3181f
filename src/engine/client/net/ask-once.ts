import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from '../../../shared/clock.ts';
import { Failure } from '../../../shared/failure.ts';
import type { ClientNetwork } from './network.ts';
import { exchange, networkAgent, type ResponseHead } from './request.ts';

export interface OneAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** More of an answer than this is none to a question of ours. */
const MAX_ANSWER = 1024 * 1024;

/** One request outside of any lane, redirects followed. @throws Failure `unreachable`, `no-answer` */
export function askOnce(o: {
  network: ClientNetwork;
  clock: Clock;
  url: string;
  method?: string;
  /** Names in lower case. */
  headers?: Record<string, string>;
  body?: string | null;
  timeoutMs: number;
  signal?: AbortSignal;
  /** The head is all that is wanted. */
  headOnly?: boolean;
}): Promise<OneAnswer> {
  const { url, headers = {}, clock } = o;
  return new Promise((resolve, reject) => {
    const agent = networkAgent(o.network, new URL(url).protocol === 'https:', false);
    let head: ResponseHead | null = null;
    const chunks: Buffer[] = [];
    let bytes = 0;
    let stop = (): void => {};
    const leave = (): void => {
      cancel();
      o.signal?.removeEventListener('abort', onAbort);
      stop();
      agent.destroy();
    };
    const fail = (detail: string, code = 'unreachable'): void => {
      leave();
      const message = `${new URL(url).host} could not be asked: ${detail}.`;
      const hint = 'Check that it is up and the URL is right.';
      reject(new Failure({ code, message, hint, exit: 3 }));
    };
    const done = (answer: ResponseHead): void => {
      leave();
      resolve({ status: answer.status, headers: answer.headers, body: Buffer.concat(chunks).toString('utf8') });
    };
    const onAbort = (): void => fail('it was ended before it answered');
    const cancel = clock.after(o.timeoutMs, () => fail(`no answer within ${o.timeoutMs / 1000} s`, 'no-answer'));
    o.signal?.addEventListener('abort', onAbort, { once: true });
    stop = exchange({
      network: o.network,
      clock,
      agent,
      url,
      method: o.method ?? 'GET',
      headers: { 'user-agent': 'heartline', ...headers },
      userHeaders: Object.keys(headers),
      body: o.body ?? null,
      onRequest() {},
      onHead(h) {
        head = h;
        if (o.headOnly) done(h);
      },
      onData(chunk) {
        bytes += chunk.length;
        if (bytes > MAX_ANSWER) fail('the answer is longer than 1 MiB');
        else chunks.push(chunk);
      },
      onEnd(over) {
        if (over.ok && head) done(head);
        else fail(over.ok ? 'it gave no answer' : over.detail || over.evidence);
      },
    });
    if (o.signal?.aborted) onAbort();
  });
}
