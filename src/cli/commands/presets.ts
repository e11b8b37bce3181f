import { Command } from 'commander';
import { PRESETS } from '../../engine/proxy/presets.ts';
import { factWords } from '../../shared/preset-words.ts';
import { openOut } from '../out.ts';
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
    .option('--json', 'one JSON record a line')
    .addHelpText('after', EXAMPLES)
    .action((flags: { json?: boolean }) => {
      const out = openOut(flags.json === true, () => process.exit(0));
      const p = paint(out.colour);
      const groups = [...new Set(Object.values(PRESETS).map((preset) => preset.group))];
      let group = '';
      for (const preset of Object.values(PRESETS).toSorted(
        (a, b) => groups.indexOf(a.group) - groups.indexOf(b.group),
      )) {
        out.record(preset);
        if (out.json) continue;
        if (preset.group !== group) out.text(`${group === '' ? '' : '\n'}${p('bold', preset.group)}`);
        group = preset.group;
        out.text(`  ${p('cyan', preset.id)}  ${preset.label}`);
        out.text(`      ${preset.what}`);
        if (preset.via !== '') out.text(`      --via ${preset.via}`);
        for (const { about, known } of factWords(preset)) out.text(p('dim', `      ${about}: ${known}`));
        out.text(p('dim', `      ${preset.kind}: ${preset.source}`));
      }
    });
