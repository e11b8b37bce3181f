import fc from 'fast-check';
import { expect, it } from 'vitest';
import { checkSpec } from '../../../src/shared/path/check-spec.ts';
import { DEFINITIONS } from '../../../src/shared/path/definitions.ts';
import { describePath, spellPath } from '../../../src/shared/path/describe.ts';
import { defaultsOf, type Param, type ParamTable } from '../../../src/shared/path/params.ts';
import { PRESETS } from '../../../src/shared/path/presets/index.ts';
import { presetSteps, resolveVia } from '../../../src/shared/path/resolve.ts';
import type { PathItem, PathSpec, PathStep } from '../../../src/shared/path/spec.ts';

function anyValue(param: Param): fc.Arbitrary<number | string> {
  if (param.kind === 'choice') return fc.constantFrom(...Object.keys(param.options));
  const { min = 0, max = 1e9 } = param;
  const whole = fc.oneof(fc.integer({ min, max }), fc.constant(param.default));
  if (param.kind !== 'number' || param.whole) return whole;
  return fc.oneof(whole, fc.double({ min, max, noNaN: true }));
}

/** Some values of a table, in any order. */
const someValues = (params: ParamTable): fc.Arbitrary<object> =>
  fc.record(Object.fromEntries(Object.entries(params).map(([key, param]) => [key, anyValue(param)])), {
    requiredKeys: [],
  });

const anyStep: fc.Arbitrary<PathStep> = fc
  .constantFrom(...Object.values(DEFINITIONS))
  .chain(({ id, params }) =>
    someValues(params).map((some) => ({ name: id, params: { ...defaultsOf(params), ...some } })),
  );

const changed = (step: PathStep): fc.Arbitrary<PathStep> =>
  someValues(DEFINITIONS[step.name]!.params).map((some) => ({ ...step, params: { ...step.params, ...some } }));

const anyItem: fc.Arbitrary<PathItem> = fc.oneof(
  anyStep.map((step) => ({ steps: [step] })),
  fc
    .constantFrom(...Object.values(PRESETS).filter((preset) => preset.via !== ''))
    .chain((preset) =>
      fc
        .tuple(...presetSteps(preset).map((step) => fc.oneof(fc.constant(step), changed(step))))
        .map((steps) => ({ preset: preset.id, steps })),
    ),
);

const anyPath: fc.Arbitrary<PathSpec> = fc
  .array(fc.tuple(anyItem, fc.boolean()), { maxLength: 6 })
  .map((items) => items.map(([item, joined], i): PathItem => (joined && i > 0 ? { ...item, joined: true } : item)));

it('survives being spelled, parsed and resolved, whatever it is made of', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      expect(resolveVia(spellPath(path))).toEqual(path);
    }),
    { numRuns: 500 },
  );
});

it('is what may cross from elsewhere, as data', () => {
  fc.assert(
    fc.property(anyPath, (path) => {
      const crossed = JSON.parse(JSON.stringify(path)) as PathSpec;
      expect(() => checkSpec(crossed)).not.toThrow();
      expect(describePath(crossed)).toEqual(describePath(path));
    }),
  );
});

it.each([
  ['a name that is none', [{ steps: [{ name: 'latancy', params: {} }] }], 'latancy'],
  ['a value that is missing', [{ steps: [{ name: 'latency', params: { delay: 5 } }] }], 'jitter: it is missing'],
  ['two steps in one item without a preset', [{ steps: [] }], 'one step'],
  ['a preset that is none', [{ preset: 'constructor', steps: [] }], 'constructor'],
  ['a preset with other steps', [{ preset: 'haproxy-tcp', steps: [] }], 'haproxy-tcp is idle-timeout, soft-reset'],
])('refuses %s', (_, path, message) => {
  expect(() => checkSpec(path)).toThrow(message);
});
