import type { DoctorCost, DoctorReport, Finding } from '../../shared/doctor/report.ts';
import type { Paint } from '../text/paint.ts';

const MARK = { problem: ['✕', 'red'], warning: ['!', 'yellow'], ok: ['✓', 'green'] } as const;
/** Lines of one piece of evidence before the rest is only counted. */
const SHOWN = 3;

/** What is sent at most, said before anything is. */
export const budgetText = (b: DoctorCost, url: string): string =>
  `Doctor asks ${url}: at most ${b.requests} requests, ${b.connections} connections and ${b.messages} messages, in ${b.seconds} s at most.`;

/** @param product lines for this one alone; null: no lines */
export function reportText(r: DoctorReport, product: string | null, paint: Paint): string {
  const counts = (['problem', 'warning', 'ok'] as const).map((v) => r.findings.filter((f) => f.verdict === v).length);
  const parts = [
    counts[0] === 0 ? 'Nothing to fix.' : `${counts[0]} to fix.`,
    `${counts[0]} problems, ${counts[1]} warnings, ${counts[2]} fine, ${r.unknown.length} not known.`,
  ];
  const lines = [parts.join(' '), ''];
  for (const f of r.findings) lines.push(...findingText(f, product, paint));
  if (r.unknown.length > 0) {
    lines.push('', 'Not known');
    for (const u of r.unknown) lines.push(`  –  ${label(u.method, u.code)}  ${u.reason}`);
  }
  const named = r.hops.filter((hop) => hop.what !== null || hop.why !== '');
  if (named.length > 0) {
    lines.push('', 'The path, as far as it shows itself');
    for (const hop of named) lines.push(`  ${hop.what ?? 'unknown'}  ${hop.why}`);
  }
  const { spent } = r;
  lines.push(
    '',
    `Sent: ${spent.requests} requests over ${spent.connections} connections, ${spent.messages} messages, in ${spent.seconds} s.`,
  );
  return lines.join('\n');
}

const label = (method: string, code: string): string => `${code.padEnd(16)} ${method.padEnd(13)}`;

function findingText(f: Finding, product: string | null, paint: Paint): string[] {
  const [mark, colour] = MARK[f.verdict];
  const lines = [`  ${paint(colour, mark)}  ${label(f.method, f.code)}  ${f.text}`];
  if (f.verdict === 'ok') return lines;
  lines.push(paint('dim', `       ${f.why}`));
  for (const e of f.evidence.slice(0, SHOWN))
    lines.push(paint('dim', `       ${(e.at / 1000).toFixed(1)} s  ${e.what}`));
  if (f.evidence.length > SHOWN) lines.push(paint('dim', `       … and ${f.evidence.length - SHOWN} more`));
  const fix = f.fix.find((one) => one.for === product);
  if (fix) {
    lines.push(`       ${product}:`);
    for (const line of fix.lines) lines.push(`         ${paint('green', line)}`);
  } else if (product === null && f.fix.length > 0) {
    lines.push(paint('dim', `       --fix ${f.fix.map((one) => one.for).join('|')} prints the lines that cure it.`));
  }
  return lines;
}
