import type { Hop } from '../../../shared/doctor/report.ts';
import type { Head } from '../connection/head.ts';
import type { Material } from '../material.ts';
import { endsStory } from '../probes/ends.ts';
import { SIGNS } from './signs.ts';

/** How sure a name is that only somebody on the way writes, and one that the origin may write of itself. */
const SURE = 0.9;
const LIKELY = 0.6;

/**
 * The intermediaries on the way, as far as they name themselves. A limit that was found, and that nobody named answers for,
 * is a hop without a name: never the nearest guess.
 */
export function inferHops(all: readonly Material[]): Hop[] {
  const heads = all.flatMap(headsOf);
  const hops: Hop[] = [];
  for (const { what, field, is, onTheWay } of SIGNS) {
    const said = heads.map((h) => h.fields[field]).find((value) => value !== undefined && is.test(value));
    if (said === undefined || hops.some((hop) => hop.what === what)) continue;
    const doubt = onTheWay ? '' : '; it may be the origin itself';
    hops.push({
      what,
      why: `${field}: ${said.slice(0, 80)}${doubt}`,
      limits: {},
      confidence: onTheWay ? SURE : LIKELY,
    });
  }
  const limits = all.flatMap((m) => {
    const { idle } = endsStory(m);
    return idle ? [idle.ms] : [];
  });
  if (limits.length > 0 && hops.length === 0) {
    const ms = Math.min(...limits);
    hops.push({
      what: null,
      why: `something ends what is silent for ${ms} ms and does not say its name`,
      limits: { 'idle-limit': ms },
      confidence: 0,
    });
  }
  return hops;
}

function headsOf(m: Material): Head[] {
  const answers = m.firstAnswers.map(({ answer }) => answer.head);
  return [...answers, ...[...m.plain, ...m.polled].flatMap((w) => [w.head, w.lastHead])].filter((h) => h !== null);
}
