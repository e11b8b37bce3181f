// @ts-check
// npm test: the build, each check and every test, counted together. The very last line is `N passed, N failed`.
// Arguments go on to vitest: `npm test -- test/engine`, `npm test -- -t 'resumes'`.
import './ensure-node.mjs';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, ROOT } from './build.mjs';
import { runChecks } from './check.mjs';

let passed = 0;
let failed = 0;
/** @param {boolean} ok */
const count = (ok) => (ok ? passed++ : failed++);

const build = await ensureBuilt({ say: console.log });
count(build.ok);
console.log(`${build.ok ? '✓' : '✗'} build${build.ok && !build.built ? ' (up to date)' : ''}`);
if (!build.ok) console.log(build.output);

for (const { ok } of await runChecks(console.log)) count(ok);

const scratch = mkdtempSync(join(tmpdir(), 'heartline-test-'));
const counts = join(scratch, 'counts.json');
const vitest = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, HEARTLINE_TEST_COUNTS: counts },
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => vitest.kill(signal));
/** @type {number | null} */
const code = await new Promise((resolve) => {
  vitest.once('error', () => resolve(null));
  vitest.once('close', resolve);
});
try {
  const told = JSON.parse(readFileSync(counts, 'utf8'));
  passed += told.passed;
  failed += told.failed;
  if (code !== 0 && told.failed === 0) failed++;
} catch {
  console.log('vitest ended without saying how the tests went.');
  failed++;
}
rmSync(scratch, { recursive: true, force: true });
// Written, not exited over: a pipe must get the last line whole.
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed ? 1 : 0;
