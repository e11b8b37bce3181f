import { spellPath } from '../../src/shared/path/describe.ts';
import { describe, expect, it } from 'vitest';
import { PRESETS } from '../../src/shared/path/presets/index.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { REASONS } from './reasons.ts';
import { RECIPES } from './recipes.ts';
import { VARIANTS } from './variants.ts';
import { releases } from './verdict.ts';

const names = (presets: Iterable<string>): string[] => [...presets].sort();

describe('the fidelity suite', () => {
  it('holds every measured preset, once', () => {
    const measured = Object.values(PRESETS).filter((p) => p.kind === 'measured');
    expect(names(VARIANTS.map((v) => v.preset))).toEqual(names(measured.map((p) => p.id)));
  });

  it.each(VARIANTS)('knows how to run what $preset is held against, and which release was measured', (variant) => {
    expect(RECIPES).toHaveProperty([variant.proxy]);
    expect(spellPath(resolveVia([variant.via]))[0]).toMatch(new RegExp(`^${variant.preset}(:|$)`));
    expect(releases(PRESETS[variant.preset]!.source)).not.toEqual([]);
  });

  it('excuses nothing that is not held', () => {
    for (const { preset } of REASONS) expect(['*', ...VARIANTS.map((v) => v.preset)]).toContain(preset);
  });
});
