// npm run fidelity: the same probes against each real proxy and against the preset that imitates it.
//   node test/fidelity/run.ts [pattern]     only presets that match
// A preset is one test; the last line is `N passed, N failed`. Writes docs/fidelity.md when every proxy was there and no
// pattern given, but never in CI. A program that is missing is skipped, and named; so is one of another release than was
// measured, if it differs.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PRESETS } from '../../src/shared/path/presets/index.ts';
import { freePort } from '../helpers/rigs.ts';
import { MachineDelay } from './delay.ts';
import { measure, probesFor, SLACK_MS, type Found } from './measure.ts';
import { Origin } from './origin.ts';
import { missing, startProxy } from './proxies.ts';
import { RECIPES } from './recipes.ts';
import { report, type Row } from './report.ts';
import { VARIANTS, limitOf, type Variant } from './variants.ts';
import { judge, reasonFor } from './verdict.ts';

/** Programs that run side by side. Their probes mostly wait. */
const ABREAST = 4;

const pattern = process.argv[2] ? new RegExp(process.argv[2]) : null;
const chosen = VARIANTS.filter((v) => !pattern || pattern.test(v.preset));
// The programs end with us, however we end.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const delay = new MachineDelay();
const found = new Map<Variant, Found>(chosen.map((v) => [v, new Map()]));
/** What could not be asked, and why. */
const broken = new Map<Variant, string>();
const skipped = new Map<string, string>();
for (const { proxy } of chosen) {
  const reason = missing(proxy);
  if (reason) skipped.set(proxy, reason);
}
const present = chosen.filter((v) => !skipped.has(v.proxy));

// The longest go first.
const byProxy = [...Map.groupBy(present, (v) => v.proxy)].sort(([, a], [, b]) => weight(b) - weight(a));
const queue = [...byProxy];
await Promise.all(
  Array.from({ length: ABREAST }, async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await askAll(...next, 2);
  }),
);
// What differs still is asked a last time with nothing beside it.
for (const [proxy, variants] of byProxy) {
  const left = variants.filter((v) => cellsOf(v).some((c) => !c.agrees && reasonFor(c) === undefined));
  if (left.length > 0) await askAll(proxy, left, 1);
}

const late = delay.words;
const rows: Row[] = present.map((variant) => {
  const cells = broken.has(variant) ? [] : cellsOf(variant);
  const version = RECIPES[variant.proxy]!.version();
  return { variant, version, cells, verdict: judge(cells, version, PRESETS[variant.preset]!.source) };
});
for (const { variant, cells, verdict } of rows) {
  const agreed = cells.filter((c) => c.agrees).length;
  const mark = verdict.passed ? '✓' : verdict.skipped ? '- skipped' : '✗';
  console.log(`${mark} ${variant.preset}: ${agreed} of ${cells.length} ${verdict.words}`.trim());
  if (broken.has(variant)) console.log(`    ${broken.get(variant)}`);
  for (const cell of cells.filter((c) => !c.agrees)) {
    console.log(`    ${cell.observable}: real ${cell.real}, ours ${cell.ours}`);
  }
}
for (const [proxy, reason] of skipped) {
  const presets = chosen.filter((v) => v.proxy === proxy).map((v) => v.preset);
  console.log(`- skipped ${presets.join(', ')}: ${reason}`);
}
const { text, percent, count } = report(rows);
if (!pattern && skipped.size === 0 && broken.size === 0 && !process.env['CI']) {
  writeFileSync(fileURLToPath(new URL('../../docs/fidelity.md', import.meta.url)), text);
}
const seconds = Math.round(performance.now() / 1000);
console.log(`Timers of this machine were late by ${late}. Times may differ by ${SLACK_MS} ms and twice that.`);
console.log(`${percent} of ${count} cells agree (${seconds} s).`);
delay.stop();
const passed = rows.filter((r) => r.verdict.passed).length;
const failed = rows.filter((r) => !r.verdict.passed && !r.verdict.skipped).length;
process.exitCode = failed > 0 ? 1 : 0;
process.stdout.write(`${passed} passed, ${failed} failed\n`);

function cellsOf(variant: Variant): Row['cells'] {
  return probesFor(variant).flatMap((name) => found.get(variant)!.get(name) ?? []);
}

/** What differs so far. */
function show(variant: Variant): void {
  const apart = cellsOf(variant).filter((c) => !c.agrees);
  console.log(`  ${variant.preset}: ${apart.length} differ`);
  for (const { observable, real, ours } of apart) console.log(`    ${observable}: real ${real}, ours ${ours}`);
}

function weight(variants: readonly Variant[]): number {
  return variants.reduce((sum, v) => sum + limitOf(v.proxy), 0);
}

async function askAll(proxy: string, variants: readonly Variant[], tries: number): Promise<void> {
  const origin = await new Origin().start();
  const nobody = await freePort();
  const stops: (() => Promise<void>)[] = [() => origin.stop()];
  try {
    const [real, lost] = await Promise.all(
      [origin.port, nobody].map(async (port) => {
        // A port that was free may be taken by the time a program asks for it.
        const started = await startProxy(proxy, port, limitOf(proxy)).catch(() =>
          startProxy(proxy, port, limitOf(proxy)),
        );
        stops.push(started.stop);
        return started.ports;
      }),
    );
    for (const variant of variants) {
      const key = variant.at ?? variant.preset;
      const place = { port: real!.get(key)!, lost: lost!.get(key)!, origin, nobody, delay };
      await measure(variant, place, found.get(variant)!, tries).catch((error: Error) => {
        broken.set(variant, error.stack ?? error.message);
      });
      if (process.stdout.isTTY || pattern) show(variant);
    }
  } catch (error) {
    // What was asked before still stands.
    for (const v of variants) if (found.get(v)!.size === 0) broken.set(v, (error as Error).message);
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}
