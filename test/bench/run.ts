/**
 * `npm run bench [-- CASE … --repeat N]`: each case in processes of its own, several repetitions, medians, and ratios
 * only between things measured in the same run. A table for people; JSON in bench-results/ for programs.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { met, type Case, type Row } from './case.ts';
import { desktop } from './cases/desktop.ts';
import { fanOut } from './cases/fan-out.ts';
import { firstEvent } from './cases/first-event.ts';
import { idleMemory } from './cases/idle-memory.ts';
import { manyLanes } from './cases/many-lanes.ts';
import { observations } from './cases/observations.ts';
import { pathLatency } from './cases/path-latency.ts';
import { pathMemory } from './cases/path-memory.ts';
import { pathRequests } from './cases/path-requests.ts';
import { pathStreams } from './cases/path-streams.ts';
import { pathTimers } from './cases/path-timers.ts';

const CASES: Case[] = [
  fanOut,
  idleMemory,
  pathLatency,
  pathRequests,
  pathStreams,
  pathMemory,
  pathTimers,
  observations,
  manyLanes,
  firstEvent,
  desktop,
];

const { names, repeat } = readArguments(process.argv.slice(2));
const chosen = CASES.filter((c) => names.length === 0 || names.includes(c.name));
const startedAt = new Date();
const results: { name: string; about: string; rows: Row[]; error?: string }[] = [];

for (const { name, about, run } of chosen) {
  process.stderr.write(`${name}: ${about}\n`);
  const say = (text: string): void => void process.stderr.write(`  ${text}\n`);
  try {
    results.push({ name, about, rows: await run({ repeat, say }) });
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    say(`failed: ${text}`);
    results.push({ name, about, rows: [], error: text });
  }
}

process.stdout.write(table());
writeResults();
const bad = results.some((r) => r.error !== undefined || r.rows.some((row) => met(row) === false));
process.exit(bad ? 1 : 0);

function readArguments(args: string[]): { names: string[]; repeat: number } {
  const at = args.indexOf('--repeat');
  const repeat = at < 0 ? 3 : Number(args[at + 1]);
  const names = args.filter((_, i) => at < 0 || (i !== at && i !== at + 1));
  const unknown = names.find((name) => !CASES.some((c) => c.name === name));
  if (unknown !== undefined || !Number.isInteger(repeat) || repeat < 1) {
    const problem = unknown === undefined ? '--repeat takes a whole number from 1.' : `There is no case "${unknown}".`;
    process.stderr.write(`${problem}\nUsage: npm run bench [-- ${CASES.map((c) => c.name).join(' ')} --repeat 3]\n`);
    process.exit(2);
  }
  return { names, repeat };
}

function table(): string {
  const lines = [['case', 'what', 'median', 'goal', '']];
  for (const { name, rows, error } of results) {
    if (error !== undefined) lines.push([name, error.split('\n')[0]!, '', '', 'failed']);
    for (const row of rows) {
      const goal = row.goal === undefined ? '' : `${row.atLeast ? '≥' : '≤'} ${row.goal} ${row.unit}`;
      const verdict = met(row);
      lines.push([
        name,
        row.what,
        `${row.value} ${row.unit}`,
        goal,
        verdict === null ? '' : verdict ? 'met' : 'MISSED',
      ]);
    }
  }
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return (
    lines
      .map((line) =>
        line
          .map((cell, i) => cell.padEnd(widths[i]!))
          .join('  ')
          .trimEnd(),
      )
      .join('\n') + '\n'
  );
}

function writeResults(): void {
  const dir = fileURLToPath(new URL('../../bench-results/', import.meta.url));
  mkdirSync(dir, { recursive: true });
  const report = {
    startedAt: startedAt.toISOString(),
    node: process.version,
    cpu: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    repeat,
    results,
  };
  const file = join(dir, `${startedAt.toISOString().replace(/[:.]/g, '-').slice(0, 19)}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  process.stderr.write(`written to ${file}\n`);
}
