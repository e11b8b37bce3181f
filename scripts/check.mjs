// @ts-check
// npm run check: format, lint, types, dead code. Two at a time; what a check printed is shown only when it failed.
import './ensure-node.mjs';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ROOT } from './build.mjs';
import { deadCode } from './dead-code.mjs';

/** What lint and format remember of unchanged files, as tsc does in its own build info. */
const CACHE = 'node_modules/.tmp';

/** @typedef {{ name: string, ok: boolean, output: string, seconds: number }} CheckResult */

/**
 * @param {string[]} command run by this Node
 * @returns {() => Promise<{ ok: boolean, output: string }>}
 */
const node = (command) => () =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, command, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (data) => (output += data));
    child.stderr.on('data', (data) => (output += data));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output }));
  });

/** @type {{ name: string, fix?: string, run: () => Promise<{ ok: boolean, output: string }> }[]} */
const CHECKS = [
  { name: 'types', run: node(['node_modules/vue-tsc/bin/vue-tsc.js', '--build', '--pretty', 'false']) },
  {
    name: 'lint',
    run: node([
      'node_modules/eslint/bin/eslint.js',
      '--max-warnings=0',
      '--cache',
      '--cache-strategy=content',
      `--cache-location=${CACHE}/eslint`,
      '.',
    ]),
  },
  {
    name: 'format',
    fix: 'npm run format',
    run: node([
      'node_modules/prettier/bin/prettier.cjs',
      '--check',
      '--log-level=warn',
      '--cache',
      '--cache-strategy=content',
      `--cache-location=${CACHE}/prettier`,
      '.',
    ]),
  },
  {
    name: 'dead code',
    run: async () => {
      const findings = deadCode(ROOT);
      return { ok: findings.length === 0, output: findings.join('\n') };
    },
  },
];

/** @param {(line: string) => void} say @returns {Promise<CheckResult[]>} */
export async function runChecks(say) {
  const left = [...CHECKS];
  /** @type {CheckResult[]} */
  const results = [];
  const worker = async () => {
    for (let check = left.shift(); check; check = left.shift()) {
      const began = performance.now();
      const { ok, output } = await check.run();
      const seconds = (performance.now() - began) / 1000;
      say(`${ok ? '✓' : '✗'} ${check.name} (${seconds.toFixed(1)} s)`);
      if (!ok) say(output.trim() + (check.fix ? `\n(${check.fix} mends it)` : ''));
      results.push({ name: check.name, ok, output, seconds });
    }
  };
  await Promise.all([worker(), worker()]);
  return results;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const results = await runChecks(console.log);
  const failed = results.filter((result) => !result.ok);
  console.log(failed.length ? `${failed.map((result) => result.name).join(', ')} failed` : 'all checks passed');
  process.exitCode = failed.length ? 1 : 0;
}
