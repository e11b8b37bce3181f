import type { ScenarioResult } from '../../engine/run-scenario.ts';

/** A scenario's checks as JUnit XML: one suite, one test case a check and lane. Times are engine seconds. */
export function junit(result: ScenarioResult): string {
  const { name, checks, took, seed, timeScale } = result;
  const failures = checks.filter((check) => !check.passed).length;
  const totals = `tests="${checks.length}" failures="${failures}" errors="0" skipped="0" time="${took / 1000}"`;
  const cases = checks.map(({ name: check, lane, expected, actual, passed }) => {
    const head = `    <testcase classname="${attribute(lane ? `${name}.${lane}` : name)}" name="${attribute(check)}"`;
    if (passed) return `${head}/>`;
    const message = `expected ${expected}, was ${actual}`;
    return `${head}>\n      <failure type="expectation" message="${attribute(message)}"/>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="heartline" ${totals}>`,
    `  <testsuite name="${attribute(name)}" ${totals}>`,
    '    <properties>',
    `      <property name="seed" value="${seed}"/>`,
    `      <property name="timeScale" value="${timeScale}"/>`,
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

/** What XML 1.0 cannot carry at all (section 2.2) is replaced; line breaks would become spaces (section 3.3.3). */
const attribute = (text: string): string =>
  text
    .toWellFormed()
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    .replaceAll(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replaceAll(/[&<>"']/g, (c) => ESCAPES[c]!)
    .replaceAll(/[\t\n\r]/g, (c) => `&#${c.charCodeAt(0)};`);
