/** Starts each third-party server once for a whole run; tests take their addresses with `inject('rigs')`. */
import type { TestProject } from 'vitest/node';
import { missing, startAiohttp, startBetterSse, startNchan, type Rig } from './rigs.ts';

export interface RigAddresses {
  /** `url` keeps 500 messages a channel, `smallUrl` three. */
  nchan: { url: string; smallUrl: string } | null;
  /** Keeps 500 events a channel. */
  aiohttp: { url: string } | null;
  betterSse: { url: string } | null;
  /** Why a null above is null. */
  missing: Record<'nchan' | 'aiohttp' | 'betterSse', string | null>;
}

declare module 'vitest' {
  export interface ProvidedContext {
    rigs: RigAddresses;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const reasons = { nchan: missing.nchan(), aiohttp: missing.aiohttp(), betterSse: missing.betterSse() };
  for (const [name, reason] of Object.entries(reasons)) {
    if (reason) process.stdout.write(`skipped: tests on ${name}: ${reason}\n`);
  }
  const [nchan, aiohttp, betterSse] = await Promise.all([
    reasons.nchan ? null : startNchan({ bufferLength: 500 }),
    reasons.aiohttp ? null : startAiohttp({ keep: 500 }),
    reasons.betterSse ? null : startBetterSse({ keep: 500 }),
  ]);
  project.provide('rigs', {
    nchan: nchan && { url: nchan.url, smallUrl: nchan.smallUrl },
    aiohttp: aiohttp && { url: aiohttp.url },
    betterSse: betterSse && { url: betterSse.url },
    missing: reasons,
  });
  return async () => {
    const rigs: (Rig | null)[] = [nchan, aiohttp, betterSse];
    await Promise.all(rigs.map(async (rig) => rig?.stop()));
  };
}
