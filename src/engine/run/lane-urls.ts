import { isLoopbackHost } from '../client/net/loopback.ts';
import type { LaneSpec } from '../../shared/run-config.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { Failure } from '../../shared/failure.ts';
import type { Target } from '../../shared/target.ts';
import { urlFor } from '../dialects/index.ts';
import { LaneRoster } from './lane-roster.ts';

/**
 * The URL a lane follows: its own, else the target's for its method, else what the dialect makes of the base; null where
 * there is none.
 */
export function laneUrl(
  { method, url: own }: LaneSpec,
  target: Target,
  dialect: Dialect,
  base: string,
  channel: string,
): string | null {
  const given = own ?? (target.kind === 'remote' ? target.urls[method]?.trim() : undefined);
  return given || (base.trim() === '' ? null : urlFor(dialect, method, base, channel)) || null;
}

/**
 * The lanes for which there is a URL; `without`: those for which there is none.
 * @throws Failure `no-lanes` when that leaves nothing
 */
export function rosterOf(
  lanes: readonly LaneSpec[],
  ...to: [target: Target, dialect: Dialect, base: string, channel: string]
): { roster: LaneRoster; without: LaneSpec[] } {
  const roster = new LaneRoster();
  const without: LaneSpec[] = [];
  for (const spec of lanes) {
    const url = laneUrl(spec, ...to);
    if (url === null) without.push(spec);
    else roster.add(spec, url);
  }
  if (roster.lanes.length === 0) throw noLanes();
  return { roster, without };
}

const noLanes = (): Failure =>
  new Failure({
    code: 'no-lanes',
    message: 'There is no URL to follow.',
    hint: 'Give a URL per method, or a base and a dialect that knows where each method lives.',
    place: 'target',
    exit: 2,
  });

/** Where a publish to a remote endpoint goes. @throws Failure `cannot-publish` when its dialect does not say */
export function publishEndpoint(target: Target, dialect: Dialect): string {
  const base = target.kind === 'remote' ? (target.base?.trim() ?? '') : '';
  if (target.kind === 'remote' && dialect.publish !== null && base !== '') {
    return dialect.publish
      .replace('{base}', base.replace(/\/+$/, ''))
      .replace('{channel}', encodeURIComponent(target.channel));
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
