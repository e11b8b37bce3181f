/** What comes after a head that fits: bytes, and enough of them to judge a dialect by. */
import { METHOD_KIND } from '../../shared/catalog.ts';
import { SseParser, type SsePart } from '../wire/sse-parse.ts';
import { methodOf } from '../../shared/dialect/model.ts';
import type { Sample } from './dialect-fit.ts';
import { secondsText, type Probe } from './probe.ts';
import type { HttpAnswer } from './request.ts';
import type { StepResult } from './step-list.ts';

export async function readFirstBytes(p: Probe, answer: HttpAnswer): Promise<StepResult<HttpAnswer>> {
  const { body, status, headers } = answer;
  const limit = Math.min(p.limits.firstByteMs, p.left());
  const startedAt = p.clock.now();
  if (await body.until(() => body.items.length > 0, limit, p.clock)) {
    const coding = headers['content-encoding'];
    const result = { text: `The first ${body.items[0]!.length} bytes have come.`, value: answer };
    if (!coding || coding === 'identity') return { outcome: 'ok', ...result };
    const hint = 'A coding can hold events back until a block of it is full: turn it off for this path of the server.';
    return { outcome: 'unknown', ...result, text: `The body is coded as ${coding}, though none was asked for.`, hint };
  }
  if (METHOD_KIND[p.method] === 'stream') {
    if (body.ended) {
      const hint = 'See the server’s log: a stream stays open.';
      return { outcome: 'failed', text: 'The stream ended before its first byte.', hint };
    }
    return { ...silent(p.clock.now() - startedAt), value: answer };
  }
  if (!body.ended) return { ...silent(p.clock.now() - startedAt), value: answer };
  const text = methodOf(p.dialect, p.method).nothingNew.includes(status)
    ? 'Nothing new, so no body.'
    : 'The answer is empty.';
  return { outcome: 'ok', text, value: answer };
}

/** A stream without an event yet is no fault of it. */
export const silent = (ms: number): StepResult<never> => ({
  outcome: 'unknown',
  text: `No byte yet after ${secondsText(ms)}.`,
  hint: 'A quiet stream, or something on the way that holds bytes back: publish an event, and check again.',
});

/** Reads on until there is enough to judge by. */
export async function sampleOf(p: Probe, { status, headers, body }: HttpAnswer): Promise<Sample> {
  const limit = Math.min(p.limits.firstByteMs, p.left());
  if (METHOD_KIND[p.method] === 'poll') {
    await body.until(() => false, limit, p.clock);
    return { kind: 'poll', status, headers, body: Buffer.concat(body.items) };
  }
  const parser = new SseParser();
  const parts: SsePart[] = [];
  let taken = 0;
  const hasEvent = (): boolean => {
    for (; taken < body.items.length; taken++) parts.push(...parser.feed(body.items[taken]!));
    return parts.some((one) => one.part === 'event');
  };
  if (body.items.length > 0) await body.until(hasEvent, limit, p.clock);
  return { kind: 'sse', parts };
}
