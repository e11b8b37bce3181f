import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { ConnectionOptions } from 'node:tls';
import { METHOD_KIND, type Method } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import type { RunEndpoint } from '../run/run-endpoint.ts';
import { connectTcp } from './address.ts';
import { judgeDialect } from './dialect.ts';
import { readFirstBytes, sampleOf } from './first-bytes.ts';
import { lookUpName } from './name.ts';
import { tunnel } from './proxied.ts';
import { errorText, hostOf, portOf, PROBE_LIMITS, type Probe, type ProbeLimits } from './probe.ts';
import { readHead } from './request.ts';
import { failed, type StepList, type StepResult } from './step-list.ts';
import { shakeHands } from './tls.ts';
import { firstMessage, upgrade } from './websocket.ts';

export interface ProbeOptions {
  method: Method;
  url: string;
  endpoint: RunEndpoint;
  dialect: Dialect;
  dialects: readonly Dialect[];
  clock: Clock;
  steps: StepList;
  suggest(dialect: Dialect): void;
  /** Leaves at once what it has opened. */
  signal?: AbortSignal;
  limits?: ProbeLimits;
  lookup?: (host: string) => Promise<LookupAddress[]>;
  tls?: ConnectionOptions;
}

/** Whether the URL is asked over TLS. */
export const isSecure = (url: string): boolean => /^(https|wss):/i.test(url);

/** Takes one method's steps on one connection of its own, and leaves it. Never rejects. */
export async function probeMethod(o: ProbeOptions): Promise<void> {
  const limits = o.limits ?? PROBE_LIMITS;
  const endsAt = o.clock.now() + limits.totalMs;
  const undo: (() => unknown)[] = [];
  const [url, secure] = [new URL(o.url), isSecure(o.url)];
  const p: Probe = {
    ...o,
    limits,
    url,
    secure,
    client: o.endpoint.clientFor(o.method, () => {}),
    proxy: o.endpoint.proxy({ secure, host: hostOf(url), port: portOf(url, secure) }),
    lookup: o.lookup ?? ((host) => lookup(host, { all: true })),
    tls: { ...o.tls, ...o.endpoint.tls },
    left: () => Math.max(0, endsAt - o.clock.now()),
    onOver: (fn) => void undo.unshift(fn),
  };
  const leave = async (): Promise<void> => {
    for (const fn of undo.splice(0)) await fn();
  };
  o.signal?.addEventListener('abort', () => void leave(), { once: true });
  await takeSteps(p, o.steps);
  await leave();
  o.steps.close();
}

async function takeSteps(p: Probe, steps: StepList): Promise<void> {
  const take: StepList['run'] = (name, step) =>
    steps.run(name, () => step().catch((error: unknown) => failed(`It failed: ${errorText(error)}.`)));
  const addresses = await take('name', () => lookUpName(p));
  if (!addresses) return;
  const { proxy } = p;
  const socket = await take('address', async () => {
    const connected = await connectTcp(p, addresses);
    return proxy && connected.value ? tunnel(p, proxy, connected.value) : connected;
  });
  if (!socket) return;
  const connection = p.secure ? await take('tls', () => shakeHands(p, socket)) : socket;
  if (!connection) return;
  if (METHOD_KIND[p.method] === 'socket') {
    const open = await take('head', () => upgrade(p, connection));
    const sample = open && (await take('bytes', () => firstMessage(p, open)));
    if (sample) await take('dialect', async () => judgeDialect(p, sample));
    return;
  }
  const head = await take('head', async () => (p.client.repeatable ? readHead(p, connection) : notSent()));
  const answer = head && (await take('bytes', () => readFirstBytes(p, head)));
  if (answer) await take('dialect', async () => judgeDialect(p, await sampleOf(p, answer)));
}

/** What may cost something, or change something, is sent by a person alone. */
const notSent = (): StepResult<never> => ({
  outcome: 'unknown',
  text: 'Nothing is sent: a request by this method may cost or change something.',
  hint: 'Follow it in Live: there it is sent once.',
});
