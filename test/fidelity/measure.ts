/** One preset and the real path it imitates, asked side by side. */
import { Causes } from '../../src/engine/evidence/causes.ts';
import { realClock } from '../../src/engine/time/clock.ts';
import { Path } from '../../src/engine/proxy/path.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { seeded } from '../../src/shared/random.ts';
import type { MachineDelay } from './delay.ts';
import type { Origin } from './origin.ts';
import * as probes from './probes.ts';
import type { Cell } from './report.ts';
import { limitOf, spreadOf, type Variant } from './variants.ts';

/** What an unhurried machine costs a timer. */
export const SLACK_MS = 150;
/** These ask for what others would disturb: connections to the origin that a proxy shares among clients. */
const ALONE = ['shortPolls', 'gzipPolls'];
const PROBES = new Map(Object.entries(probes) as [string, probes.Probe][]);

/** By the probe that found it. */
export type Found = Map<string, Cell[]>;

export interface Place {
  /** Where the real program listens, and where its copy before nobody does. */
  port: number;
  lost: number;
  origin: Origin;
  nobody: number;
  delay: MachineDelay;
}

/** The probes for this variant. */
export const probesFor = (variant: Variant): string[] =>
  // A tunnel to nobody is refused before anything can be asked through it; what goes through one is not read.
  [...PROBES.keys()].filter((name) => !(variant.as === 'tunnel' && ['unreachable', 'framing'].includes(name)));

/** Asks so many times at most; a probe is asked again as long as it finds a difference, and its best answer counts. */
export async function measure(variant: Variant, at: Place, found: Found, tries: number): Promise<void> {
  const path = new Path({ clock: realClock(), random: seeded(1), causes: new Causes() });
  path.set(resolveVia([variant.via]));
  const limitMs = limitOf(variant.proxy) * 1000;
  const common = { origin: at.origin, limitMs, keepAliveMs: variant.keepAlive ? limitMs : null };
  const host = (port: number): string => `127.0.0.1:${port}`;
  const [through, prefix] = [
    variant.as === 'tunnel' ? { through: host(at.origin.port) } : {},
    (port: number) => (variant.as === 'forward' ? { prefix: `http://${host(port)}` } : {}),
  ];
  const real = {
    ...common,
    way: { port: at.port, ...through, ...prefix(at.origin.port) },
    dead: { port: at.lost, ...prefix(at.nobody) },
  };
  const ours = {
    ...common,
    way: { port: (await path.enter(null, '127.0.0.1', at.origin.port)).port },
    dead: { port: (await path.enter(null, '127.0.0.1', at.nobody)).port },
  };
  const ask = async (name: string): Promise<void> => {
    const probe = PROBES.get(name)!;
    const from = performance.now();
    const [a, b] = await Promise.all([probe(real), probe(ours)]);
    const cells = compare(variant, a, b, SLACK_MS + 2 * at.delay.since(from));
    const before = found.get(name);
    if (!before || apart(cells) <= apart(before)) found.set(name, cells);
  };
  for (let i = 0; i < tries; i++) {
    const left = probesFor(variant).filter((name) => !found.has(name) || apart(found.get(name)!) > 0);
    await Promise.all(left.filter((name) => !ALONE.includes(name)).map(ask));
    for (const name of left.filter((name) => ALONE.includes(name))) await ask(name);
  }
  await path.close();
}

const apart = (cells: readonly Cell[]): number => cells.filter((c) => !c.agrees).length;

function compare(variant: Variant, real: probes.Findings, ours: probes.Findings, slackMs: number): Cell[] {
  const names = new Set([...Object.keys(real), ...Object.keys(ours)]);
  return [...names].map((observable) => {
    const [a, b] = [real[observable] ?? null, ours[observable] ?? null];
    const cell = { preset: variant.preset, observable, real: String(a ?? '–'), ours: String(b ?? '–') };
    if (typeof a !== 'number' || typeof b !== 'number') return { ...cell, agrees: String(a) === String(b) };
    const beyondMs = Math.abs(a - b) - spreadOf(variant, observable);
    return { ...cell, agrees: beyondMs <= slackMs, near: beyondMs <= 3 * slackMs };
  });
}
