// npm run fidelity: the same probes against each real proxy and against the preset that imitates it.
//   node test/fidelity/run.ts [pattern]     only presets that match
// Writes docs/fidelity.md when every proxy was there and no pattern given. Exit 1: less agreement than promised, or a
// disagreement nobody has explained.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { realClock } from '../../src/engine/clock.ts';
import { Causes } from '../../src/engine/causes.ts';
import { Path } from '../../src/engine/proxy/path.ts';
import { resolveVia } from '../../src/engine/proxy/presets.ts';
import { seeded } from '../../src/shared/random.ts';
import { freePort } from '../helpers/rigs.ts';
import { Origin } from './origin.ts';
import * as probes from './probes.ts';
import { missing, startProxy, versionOf } from './proxies.ts';
import { report, type Cell, type Row } from './report.ts';
import { limitOf, VARIANTS, type Variant } from './variants.ts';

const pattern = process.argv[2] ? new RegExp(process.argv[2]) : null;
const chosen = VARIANTS.filter((v) => !pattern || pattern.test(v.preset));
const PROBES: [string, probes.Probe][] = Object.entries(probes).map(([name, probe]) => [name, probe as probes.Probe]);
/** What the machine costs a timer. */
const SLACK_MS = 150;
const TRIES = 2;
/** These ask for what others would disturb: connections to the origin that a proxy shares among clients. */
const ALONE = ['shortPolls', 'gzipPolls'];

const rows: Row[] = [];
const skipped: string[] = [];
for (const proxy of new Set(chosen.map((v) => v.proxy))) {
  const reason = missing(proxy);
  if (reason) {
    skipped.push(`${proxy}: ${reason}`);
    continue;
  }
  const origin = await new Origin().start();
  const real = await startProxy(proxy, origin.port, limitOf(proxy));
  const nobody = await freePort();
  const lost = await startProxy(proxy, nobody, limitOf(proxy));
  try {
    for (const variant of chosen.filter((v) => v.proxy === proxy)) {
      const row = await measure(variant, real.ports.get(variant.preset)!, origin, {
        port: nobody,
        behind: lost.ports.get(variant.preset)!,
      });
      rows.push(row);
      const agreed = row.cells.filter((c) => c.agrees).length;
      console.log(`${agreed === row.cells.length ? '✓' : '·'} ${variant.preset}: ${agreed} of ${row.cells.length}`);
      for (const cell of row.cells.filter((c) => !c.agrees)) {
        console.log(`    ${cell.observable}: real ${cell.real}, ours ${cell.ours}`);
      }
    }
  } finally {
    await real.stop();
    await lost.stop();
    await origin.stop();
  }
}

const { text, share, unexplained } = report(rows);
for (const line of skipped) console.log(`skipped ${line}`);
console.log(`${(share * 100).toFixed(1)} % of ${rows.flatMap((r) => r.cells).length} cells agree`);
if (!pattern && skipped.length === 0) {
  writeFileSync(fileURLToPath(new URL('../../docs/fidelity.md', import.meta.url)), text);
}
process.exitCode = rows.length > 0 && (share < 0.95 || unexplained > 0) ? 1 : 0;

async function measure(
  variant: Variant,
  port: number,
  origin: Origin,
  dead: { port: number; behind: number },
): Promise<Row> {
  const path = new Path({ clock: realClock(), random: seeded(1), causes: new Causes() });
  path.set(resolveVia([variant.via]));
  const ours = await path.enter(null, '127.0.0.1', origin.port);
  const oursDead = (await path.enter(null, '127.0.0.1', dead.port)).port;
  const limitMs = limitOf(variant.proxy) * 1000;
  const common = { origin, limitMs, keepAliveMs: variant.keepAlive ? limitMs : null };
  const through = variant.tunnel ? `127.0.0.1:${origin.port}` : null;
  const cells = new Map<string, Cell>();
  // A tunnel to nobody is refused before anything can be asked through it.
  let left = PROBES.filter(([name]) => !(variant.tunnel && name === 'unreachable'));
  for (let i = 0; i < TRIES && left.length > 0; i++) {
    const ask = async ([name, probe]: [string, probes.Probe]): Promise<{ name: string; differing: Cell[] }> => {
      const [a, b] = await Promise.all([
        probe({ ...common, port, through, deadPort: dead.behind }),
        probe({ ...common, port: ours.port, through: null, deadPort: oursDead }),
      ]);
      return { name, differing: compare(variant, a, b) };
    };
    const found = await Promise.all(left.filter(([name]) => !ALONE.includes(name)).map(ask));
    for (const one of left.filter(([name]) => ALONE.includes(name))) found.push(await ask(one));
    for (const { differing } of found) for (const cell of differing) cells.set(cell.observable, cell);
    left = left.filter(([name]) => found.some((f) => f.name === name && f.differing.some((c) => !c.agrees)));
  }
  await path.close();
  return { variant, version: versionOf(variant.proxy), cells: [...cells.values()] };
}

function compare(variant: Variant, real: probes.Findings, ours: probes.Findings): Cell[] {
  const names = new Set([...Object.keys(real), ...Object.keys(ours)]);
  return [...names].map((observable) => {
    const [a, b] = [real[observable] ?? null, ours[observable] ?? null];
    const agrees =
      typeof a === 'number' && typeof b === 'number'
        ? Math.abs(a - b) <= SLACK_MS + (variant.spread ?? 0)
        : String(a) === String(b);
    return { preset: variant.preset, observable, real: String(a ?? '–'), ours: String(b ?? '–'), agrees };
  });
}
