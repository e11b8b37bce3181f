import { isLoopbackHost } from '../client/net/loopback.ts';
import type { LaneClient, LaneSpec } from '../../shared/run-config.ts';
import type { Method } from '../../shared/catalog.ts';
import type { Dialect } from '../../shared/protocol/dialect.ts';
import { Failure } from '../../shared/failure.ts';
import type { Target } from '../../shared/target.ts';
import { urlFor } from '../dialects/index.ts';

/** A lane that is going to run: id = method, then `sse-2` … */
export interface LaneUrl {
  id: string;
  method: Method;
  url: string;
  /** Where this lane differs from the run. */
  client?: LaneClient;
}

/**
 * The URL each lane follows: its own, else the target's for its method, else what the dialect makes of the base.
 * Lanes for which there is none are left out. @throws Failure `no-lanes` when that leaves nothing.
 */
export function laneUrls(
  lanes: readonly LaneSpec[],
  target: Target,
  dialect: Dialect,
  base: string,
  channel: string,
): LaneUrl[] {
  const seen = new Map<Method, number>();
  const found: LaneUrl[] = [];
  for (const { method, url: own, client } of lanes) {
    const given = own ?? (target.kind === 'remote' ? target.urls[method]?.trim() : undefined);
    const url = given || (base.trim() === '' ? null : urlFor(dialect, method, base, channel));
    if (!url) continue;
    const count = (seen.get(method) ?? 0) + 1;
    seen.set(method, count);
    found.push({ id: count === 1 ? method : `${method}-${count}`, method, url, ...(client ? { client } : {}) });
  }
  if (found.length > 0) return found;
  throw new Failure({
    code: 'no-lanes',
    message: 'There is no URL to follow.',
    hint: 'Give a URL per method, or a base and a dialect that knows where each method lives.',
    place: 'target',
    exit: 2,
  });
}

/** Where a publish to a remote endpoint goes. @throws Failure `cannot-publish` when its dialect does not say */
export function publishEndpoint(target: Target, dialect: Dialect): { url: string; headers: Record<string, string> } {
  const base = target.kind === 'remote' ? (target.base?.trim() ?? '') : '';
  if (target.kind === 'remote' && dialect.publish !== null && base !== '') {
    const url = dialect.publish
      .replace('{base}', base.replace(/\/+$/, ''))
      .replace('{channel}', encodeURIComponent(target.channel));
    return { url, headers: target.headers };
  }
  throw new Failure({
    code: 'cannot-publish',
    message: 'Heartline does not know where this endpoint takes publishes.',
    hint: 'Give the endpoint a base URL and a dialect that says where.',
    place: 'publish',
  });
}

/** One machine has one clock: times of publish may be compared with times of receipt. */
export function isLoopback(url: string): boolean {
  return isLoopbackHost(new URL(url).hostname);
}
