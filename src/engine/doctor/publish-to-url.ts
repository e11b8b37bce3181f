import type { Publish } from './options.ts';

const WITHIN_MS = 5000;

/** POSTs each message as a short text. */
export const publishToUrl =
  (url: string, headers: Record<string, string>): Publish =>
  async (message) => {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
      body: message,
      redirect: 'manual',
      signal: AbortSignal.timeout(WITHIN_MS),
    });
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`the publish was answered with ${answer.status}`);
  };
