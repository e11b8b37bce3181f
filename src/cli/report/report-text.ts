import { checksText } from '../text/checks.ts';
import { paint } from '../text/paint.ts';
import { findingsText } from '../text/findings.ts';
import { summaryTable } from '../text/summary.ts';
import { table } from '../text/table.ts';
import { ms, number } from '../text/units.ts';
import type { ScenarioFact } from '../../shared/observation.ts';
import type { RecordedRun } from './read-run.ts';

/** Rows of a list before the rest is only counted. */
const SHOWN = 40;

/** A recording for people: what was run, the drops, each resume, the summary. */
export function reportText(r: RecordedRun): string {
  const parts = [head(r)];
  if (r.scenario?.checks) parts.push(`Checks\n${checksText(r.scenario.checks, paint(false))}`);
  if (r.drops.length > 0) parts.push(`Drops\n${drops(r)}`);
  if (r.resumes.length > 0) parts.push(`Resumes\n${resumes(r)}`);
  parts.push(`Summary\n${summaryTable(r.summary.lanes)}`);
  const findings = findingsText(r.summary.lanes);
  if (findings !== '') parts.push(`Findings\n${findings}`);
  return parts.join('\n\n');
}

function head(r: RecordedRun): string {
  const { run } = r;
  const rows = [
    ['recording', `${r.file}, ${number(r.records)} records over ${ms(r.to - r.from)}`],
    ['began', new Date(r.from).toISOString()],
  ];
  if (run) {
    rows.push([
      'target',
      `${run.target.name}${run.target.dialect === 'heartline' ? '' : `, dialect ${run.target.dialect}`}`,
    ]);
    rows.push(['path', run.via.length > 0 ? run.via.join(', ') : 'direct']);
    if (run.workload) rows.push(['workload', run.workload.name]);
    rows.push(['started after', run.start ?? 'the endpoint’s own start']);
    rows.push(['seed', `${run.seed}${run.timeScale === 1 ? '' : `, time ×${run.timeScale}`}`]);
    if (r.scenario) rows.push(['scenario', `${r.scenario.name}, ${scenarioEnd(r.scenario)}`]);
  } else rows.push(['', 'The start of the run was not recorded.']);
  if (!r.complete) rows.push(['', 'The recording was cut off before the run ended; counted from its records.']);
  const width = Math.max(...rows.map(([label]) => label!.length));
  return rows.map(([label, text]) => `  ${label!.padEnd(width)}   ${text}`).join('\n');
}

function scenarioEnd({ checks, passed, stopped }: ScenarioFact): string {
  if (!checks) return 'not to its end';
  const failed = checks.filter((check) => !check.passed).length;
  const came = passed ? `${checks.length} checks passed` : `${failed} of ${checks.length} checks failed`;
  return stopped ? `stopped before its end, ${came}` : came;
}

const since = (r: RecordedRun, at: number): string => `${((at - r.from) / 1000).toFixed(3)} s`;

function drops(r: RecordedRun): string {
  const rows = r.drops
    .slice(0, SHOWN)
    .map((d) => [
      d.lane ?? '',
      since(r, d.at),
      d.evidence,
      d.cause ?? 'cause not known',
      `by ${d.by}`,
      `${ms(d.silence)} silent`,
      `age ${ms(d.age ?? null)}`,
      d.detected === null ? 'detected: –' : `detected after ${ms(d.detected)}`,
      d.reason === undefined ? '' : `“${d.reason}”`,
    ]);
  return table(rows, 'left') + more(r.drops.length);
}

function resumes(r: RecordedRun): string {
  const rows = r.resumes
    .slice(0, SHOWN)
    .map((d) => [
      d.lane ?? '',
      since(r, d.at),
      `sent ${d.sent ?? '–'}`,
      `first ${d.first ?? '–'}`,
      `missed ${d.missed ?? 'cannot know'}`,
      `repeated ${d.repeated ?? 'cannot know'}`,
      d.epochChanged ? 'another epoch' : '',
    ]);
  return table(rows, 'left') + more(r.resumes.length);
}

const more = (n: number): string => (n > SHOWN ? `\n  … and ${n - SHOWN} more` : '');
