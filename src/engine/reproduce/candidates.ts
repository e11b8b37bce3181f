/** Paths and schedules that may show the same as an incident, the smallest first. */
import type { Incident, IncidentDrop } from './incident.ts';

export interface Candidate {
  path: string[];
  /** Steps of the schedule that are no publishes. */
  steps: Record<string, string | number>[];
}

export const faultsOf = ({ path, steps }: Candidate): number =>
  path.flatMap((via) => via.split('+')).length + steps.length;

/** Drops that are one event on several lanes. */
const TOGETHER_MS = 700;
const MOST_FAULTS = 8;

export function candidatesFor(incident: Incident): Candidate[] {
  const { drops } = incident;
  if (drops.length === 0) return [{ path: [], steps: [] }];
  const scheduled = stepsOf(incident);
  const rest = drops.filter((d) => !scheduled.explained.has(d));
  const paths = rest.length === 0 ? [[]] : pathsFor(rest);
  const cuts = clustersOf(rest).map((c) => ({ at: `${c.at}ms`, do: 'cut', end: c.evidence === 'rst' ? 'rst' : 'fin' }));
  const all: Candidate[] = [
    ...paths.map((path) => ({ path, steps: scheduled.steps })),
    { path: [], steps: [...scheduled.steps, ...cuts] },
    ...(incident.via.length > 0 ? [{ path: incident.via, steps: scheduled.steps }] : []),
  ];
  return all.filter((c) => faultsOf(c) <= MOST_FAULTS).sort((a, b) => faultsOf(a) - faultsOf(b));
}

/** What ends all that are silent so long, or so old. */
function pathsFor(drops: readonly IncidentDrop[]): string[][] {
  const found: string[][] = [];
  const open = drops.filter((d) => d.age !== null);
  const end = drops.some((d) => d.evidence === 'rst') ? ',end=rst' : '';
  const status = drops.find((d) => d.evidence.startsWith('status:'))?.evidence.slice(7);
  for (const ms of levels(open.map((d) => d.silence))) {
    if (status !== undefined) found.push([`http-idle-timeout:after=${ms}ms,poll=${status}`]);
    found.push([`idle-timeout:after=${ms}ms${end}`], [`http-idle-timeout:after=${ms}ms`]);
  }
  for (const ms of levels(open.map((d) => d.age!))) found.push([`close-after:time=${ms}ms${end}`]);
  return found;
}

/** Values that most share, each once, rounded to what somebody would have set. */
function levels(values: readonly number[]): number[] {
  const sorted = [...values].filter((v) => v >= 200).sort((a, b) => a - b);
  const middle = sorted[sorted.length >> 1];
  if (middle === undefined) return [];
  const round = middle > 5000 ? 1000 : middle > 1000 ? 100 : 50;
  return [...new Set([Math.max(round, Math.round(middle / round) * round), middle])];
}

/** What was done to the client or the server, as its causes tell. */
function stepsOf({ drops, sleeps, offline }: Incident): { steps: Candidate['steps']; explained: Set<IncidentDrop> } {
  const explained = new Set<IncidentDrop>();
  const steps: Candidate['steps'] = [];
  for (const { at, ms } of sleeps) steps.push({ at: `${at}ms`, do: 'sleep', for: `${ms}ms` });
  for (const { at, ms } of offline) steps.push({ at: `${at}ms`, do: 'offline', for: `${ms}ms` });
  const told = drops.filter((d) => ['cut', 'restart', 'kill', 'client-sleep', 'offline'].includes(d.cause ?? ''));
  for (const d of told) explained.add(d);
  for (const { at, cause, evidence, until } of clustersOf(told)) {
    if (cause === 'cut') steps.push({ at: `${at}ms`, do: 'cut', end: evidence === 'rst' ? 'rst' : 'fin' });
    if (cause === 'restart') steps.push({ at: `${at}ms`, do: 'restart-server' });
    if (cause === 'kill') steps.push({ at: `${at}ms`, do: 'kill-server', for: `${Math.max(500, until - at)}ms` });
  }
  // dials that were refused while the server was away belong to its absence
  for (const d of drops) if (d.evidence === 'refused' && steps.some((s) => s['do'] === 'kill-server')) explained.add(d);
  return { steps, explained };
}

function clustersOf(drops: readonly IncidentDrop[]): (IncidentDrop & { until: number })[] {
  const clusters: (IncidentDrop & { until: number })[] = [];
  for (const d of [...drops].sort((a, b) => a.at - b.at)) {
    const last = clusters.at(-1);
    if (last && d.at - last.until <= TOGETHER_MS && d.cause === last.cause) last.until = d.at;
    else clusters.push({ ...d, until: d.at });
  }
  return clusters;
}
