import { Command } from 'commander';
import { PRESETS } from '../../shared/path/presets/index.ts';
import { nearest } from '../../shared/nearest.ts';
import type { PresetInfo } from '../../shared/path/presets/preset.ts';
import { presetFactLines } from '../../shared/path/preset-fact-lines.ts';
import { refuse } from '../args/flags.ts';
import { openOut } from '../process/out.ts';
import { paint } from '../text/paint.ts';

const EXAMPLES = `
Use one with --via; its own limits can be changed in place:
    heartline watch http://127.0.0.1:8080/events/demo --method sse --via haproxy-tcp
    heartline watch http://127.0.0.1:8080/events/demo --method sse --via haproxy-tcp:idle-timeout=3s
The path speaks HTTP/1.1 on both sides; what the real thing does differently for HTTP/2 clients is told where it is known.`;

export const presetsCommand = (): Command =>
  new Command('presets')
    .summary('every named path, with where its figures come from')
    .description(
      'Lists every path that has a name, what it does in plain words, what is known of the real thing and what is not, and ' +
        'where the figures come from.',
    )
    .argument('[NAME...]', 'only those whose id or label holds one of these')
    .option('--json', 'one JSON record a line')
    .addHelpText('after', EXAMPLES)
    .action((names: string[], flags: { json?: boolean }) => {
      const all = chosen(names);
      const out = openOut(flags.json === true, () => process.exit(0));
      const p = paint(out.colour);
      const groups = [...new Set(all.map((preset) => preset.group))];
      let group = '';
      for (const preset of all.toSorted((a, b) => groups.indexOf(a.group) - groups.indexOf(b.group))) {
        out.record(preset);
        if (out.json) continue;
        if (preset.group !== group) out.text(`${group === '' ? '' : '\n'}${p('bold', preset.group)}`);
        group = preset.group;
        out.text(`  ${p('cyan', preset.id)}  ${preset.label}`);
        out.text(`      ${preset.what}`);
        if (preset.via !== '') out.text(`      --via ${preset.via}`);
        for (const { about, known } of presetFactLines(preset)) out.text(p('dim', `      ${about}: ${known}`));
        out.text(p('dim', `      ${preset.kind}: ${preset.source}`));
      }
    });

/** @throws Failure when one of the names is in none of them */
function chosen(names: readonly string[]): PresetInfo[] {
  const all = Object.values(PRESETS);
  if (names.length === 0) return all;
  const holds = ({ id, label }: PresetInfo, name: string): boolean =>
    `${id} ${label}`.toLowerCase().includes(name.toLowerCase());
  for (const name of names) {
    if (all.some((preset) => holds(preset, name))) continue;
    const ids = Object.keys(PRESETS);
    const near = nearest(name, [...ids, ...ids.map((id) => id.split('-')[0]!)]);
    throw refuse(name, 'No path is called so.', near ? `Did you mean ${near}?` : 'heartline presets lists them all.');
  }
  return all.filter((preset) => names.some((name) => holds(preset, name)));
}
