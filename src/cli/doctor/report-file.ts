/** The Doctor's report as a page or as Markdown, whole by itself: it can be put into a ticket. */
import { METHOD_LABEL } from '../../shared/catalog.ts';
import type { DoctorReport, Finding } from '../../shared/doctor/report.ts';

const VERDICT = { problem: 'Fix', warning: 'Caution', ok: 'Fine' } as const;

export function reportMarkdown(r: DoctorReport): string {
  const lines = [
    `# Doctor: ${md(r.url)}`,
    '',
    summaryLine(r),
    '',
    '| | code | method | finding |',
    '|---|---|---|---|',
    ...r.findings.map((f) => `| ${VERDICT[f.verdict]} | \`${f.code}\` | ${METHOD_LABEL[f.method]} | ${md(f.text)} |`),
    ...r.unknown.map((u) => `| Not known | \`${u.code}\` | ${METHOD_LABEL[u.method]} | ${md(u.reason)} |`),
  ];
  for (const f of r.findings.filter(({ verdict }) => verdict !== 'ok')) {
    lines.push('', `## ${md(f.text)}`, '', md(f.why), '');
    for (const e of f.evidence) {
      lines.push(`- ${(e.at / 1000).toFixed(1)} s: ${md(e.what)}`);
      if (e.bytes !== undefined) lines.push('', ...fenced(e.bytes), '');
    }
    for (const fix of f.fix) lines.push('', `${fix.for}:`, '', ...fenced(fix.lines.join('\n')));
  }
  if (r.hops.length > 0) {
    lines.push('', '## The path, as far as it shows itself', '');
    for (const hop of r.hops) lines.push(`- ${md(hop.what ?? 'unknown')}: ${md(hop.why)}`);
  }
  return `${lines.join('\n')}\n`;
}

function summaryLine(r: DoctorReport): string {
  const count = (verdict: Finding['verdict']): number => r.findings.filter((f) => f.verdict === verdict).length;
  return `${count('problem')} to fix, ${count('warning')} cautions, ${count('ok')} fine, ${r.unknown.length} not known. Sent: ${r.spent.requests} requests over ${r.spent.connections} connections in ${r.spent.seconds} s.`;
}

const md = (text: string): string => text.replaceAll(/[\\`*_{}[\]<>|]/g, '\\$&').replaceAll(/\s+/g, ' ');

/** A fence longer than any in what it holds. */
function fenced(text: string): string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [fence, text.replaceAll('\r', ''), fence];
}

const STYLE = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin:2rem 0 .3rem}pre{background:#8881;padding:.6rem;overflow:auto;font:13px/1.4 ui-monospace,monospace}
.problem{color:#c0261c}.warning{color:#8a6100}.ok{color:#1a7f37}.dim{opacity:.75}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #8884;vertical-align:top}
@media (prefers-color-scheme:dark){.problem{color:#ff8078}.warning{color:#e3b341}.ok{color:#56d364}}`;

export function reportHtml(r: DoctorReport): string {
  const rows = [
    ...r.findings.map((f) => row(VERDICT[f.verdict], f.verdict, f.code, METHOD_LABEL[f.method], f.text)),
    ...r.unknown.map((u) => row('Not known', 'dim', u.code, METHOD_LABEL[u.method], u.reason)),
  ].join('\n');
  const details = r.findings
    .filter(({ verdict }) => verdict !== 'ok')
    .map(
      (f) => `<h2 class="${f.verdict}">${html(f.text)}</h2>
<p>${html(f.why)}</p>
${f.evidence.map((e) => `<p class="dim">${(e.at / 1000).toFixed(1)} s: ${html(e.what)}</p>${e.bytes === undefined ? '' : `<pre>${html(e.bytes)}</pre>`}`).join('\n')}
${f.fix.map((fix) => `<p>${html(fix.for)}</p><pre>${html(fix.lines.join('\n'))}</pre>`).join('\n')}`,
    )
    .join('\n');
  const hops =
    r.hops.length === 0
      ? ''
      : `<h2>The path, as far as it shows itself</h2><ol>${r.hops.map((h) => `<li>${html(h.what ?? 'unknown')}: ${html(h.why)}</li>`).join('')}</ol>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Doctor: ${html(r.url)}</title><style>${STYLE}</style></head><body>
<h1>Doctor: ${html(r.url)}</h1>
<p>${html(summaryLine(r))}</p>
<table><thead><tr><th></th><th>code</th><th>method</th><th>finding</th></tr></thead><tbody>
${rows}
</tbody></table>
${details}
${hops}
</body></html>
`;
}

const row = (mark: string, kind: string, code: string, method: string, text: string): string =>
  `<tr><td class="${kind}">${mark}</td><td><code>${html(code)}</code></td><td>${html(method)}</td><td>${html(text)}</td></tr>`;

const html = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
