// @ts-check
// npm start: the desktop app where Electron can run, the same page in a browser where it cannot. It says which, and why.
import './ensure-node.mjs';
import './exit-with-parent.mjs';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { buildOrExit, ROOT } from './build.mjs';
import { findElectron } from './find-electron.mjs';

/** How long the place where Electron is kept may take to answer, and how long the download may take. */
const PROBE_MS = 3000;
const DOWNLOAD_MS = 180_000;
/** An Electron that shows no window within this time is ended, and the browser takes over. */
const WINDOW_MS = 10_000;
/** How long it may take to end when it is told to. */
const END_MS = 5000;
/** What the app says on stdout when its window is shown. */
const IS_OPEN = 'Heartline is open.';

const USAGE = `Usage: npm start -- [--browser] [--no-open] [--port N] [--record FILE]
  --browser      the page in a browser, even where Electron could run
  --no-open      do not open a browser, only print the address
  --port N       the port of the browser host (else a free one)
  --record FILE  record the run to FILE`;

/** @returns {{ browser?: boolean, 'no-open'?: boolean, port?: string, record?: string }} */
function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        browser: { type: 'boolean' },
        'no-open': { type: 'boolean' },
        port: { type: 'string' },
        record: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    if (values.port !== undefined && !(/^\d+$/.test(values.port) && Number(values.port) <= 65535)) {
      throw new Error(`--port: "${values.port}" is not a port. Write a number from 0 (any free one) to 65535.`);
    }
    return values;
  } catch (error) {
    console.error(`${/** @type {Error} */ (error).message}\n${USAGE}`);
    process.exit(2);
  }
}

const hasDisplay = process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

/**
 * The Electron binary to use, or why there is none.
 * @param {ReturnType<typeof readArguments>} values
 * @returns {Promise<{ path: string } | { path: null, reason: string }>}
 */
async function electron(values) {
  for (const flag of /** @type {const} */ (['browser', 'port'])) {
    if (values[flag] !== undefined) return { path: null, reason: `--${flag} asks for the browser host` };
  }
  const found = findElectron();
  // Who names a binary by hand wants it tried, display or not.
  if (found.path && (hasDisplay || process.env['ELECTRON_OVERRIDE_DIST_PATH'])) return { path: found.path };
  if (!hasDisplay) return { path: null, reason: 'this machine has no display' };
  if (process.env['ELECTRON_OVERRIDE_DIST_PATH']) return { path: null, reason: found.reason ?? '' };
  return download();
}

/** @returns {Promise<{ path: string } | { path: null, reason: string }>} */
async function download() {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'node_modules/electron/package.json'), 'utf8'));
  const base = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/';
  try {
    const probe = await fetch(`${base}v${version}/SHASUMS256.txt`, {
      method: 'HEAD',
      signal: AbortSignal.timeout(PROBE_MS),
    });
    if (!probe.ok) return { path: null, reason: `its binary is not here, and ${base} answered ${probe.status}` };
  } catch {
    return { path: null, reason: `its binary is not here, and ${base} cannot be reached` };
  }
  console.log(`Fetching Electron ${version}, once, about 120 MB …`);
  spawnSync(process.execPath, ['node_modules/electron/install.js'], {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: DOWNLOAD_MS,
  });
  const { path } = findElectron();
  return path ? { path } : { path: null, reason: 'its download did not finish' };
}

/** Whether the X server that DISPLAY names still takes connections; true where that cannot be told. */
async function displayAnswers() {
  const number = /^:(\d+)/.exec(process.env['DISPLAY'] ?? '')?.[1];
  if (process.platform !== 'linux' || number === undefined || process.env['WAYLAND_DISPLAY']) return true;
  /** @param {string} path @returns {Promise<boolean>} */
  const answers = (path) =>
    new Promise((resolve) => {
      const socket = connect(path);
      socket.once('connect', () => (socket.destroy(), resolve(true))).once('error', () => resolve(false));
    });
  // the one in the file system, and Linux's abstract one
  const path = `/tmp/.X11-unix/X${number}`;
  return (await answers(path)) || answers(`\0${path}`);
}

/**
 * Resolves with why Electron never came up, or could not stay; where it ran, the process ends with it.
 * @param {string} path
 * @param {string | undefined} record
 * @returns {Promise<string>}
 */
function runElectron(path, record) {
  return new Promise((resolve) => {
    let told = false;
    let open = false;
    let ending = false;
    // Chromium refuses to run sandboxed as root.
    const flags = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const child = spawn(path, [...flags, ROOT, ...(record === undefined ? [] : ['--record', record])], {
      stdio: ['inherit', 'pipe', 'inherit'],
    });
    child.stdout.on('data', (text) => {
      process.stdout.write(text);
      if (String(text).includes(IS_OPEN)) open = true;
    });
    const late = setTimeout(() => {
      if (open || told) return;
      ending = true;
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), END_MS).unref();
    }, WINDOW_MS);
    /** @type {[NodeJS.Signals, () => void][]} */
    const forwards = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']).map((signal) => [
      signal,
      () => {
        told = true;
        child.kill(signal);
      },
    ]);
    for (const [signal, forward] of forwards) process.on(signal, forward);
    /** @param {string} reason */
    const over = (reason) => {
      clearTimeout(late);
      for (const [signal, forward] of forwards) process.off(signal, forward);
      resolve(reason);
    };
    child.once('error', (error) => over(`it does not start (${error.message})`));
    child.once('close', async (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      if (ending) return over(`it showed no window within ${WINDOW_MS / 1000} s`);
      if (code !== 0 && !told && !open) return over(`it ended at once (${how})`);
      if (code !== 0 && !told && !(await displayAnswers())) return over(`its display has gone (${how})`);
      process.exit(code ?? (told ? 0 : 1));
    });
  });
}

/**
 * What Electron had begun to record stays as it is: the browser host goes on in a file beside it.
 * @param {string} file
 */
function afterElectron(file) {
  if (!tried || !existsSync(file)) return file;
  const [, stem, extension] = /** @type {RegExpExecArray} */ (/^(.*?)((?:\.[^./\\]+)?(?:\.gz)?)$/s.exec(file));
  let n = 2;
  while (existsSync(`${stem}-${n}${extension}`)) n++;
  console.log(`${file} is kept as Electron has left it; ${stem}-${n}${extension} goes on from here.`);
  return `${stem}-${n}${extension}`;
}

const values = readArguments();
await buildOrExit(console.log);
let choice = await electron(values);
let tried = false;
if (choice.path !== null) {
  console.log(`Opening Heartline in Electron (${choice.path}).`);
  tried = true;
  choice = { path: null, reason: await runElectron(choice.path, values.record) };
}
console.log(`Electron is not used: ${choice.reason}. Heartline opens in a browser instead.`);
const cli = join(ROOT, 'out/main/cli.js');
const open = !values['no-open'] && hasDisplay && (await displayAnswers());
const record = values.record === undefined ? undefined : afterElectron(values.record);
process.argv = [
  process.execPath,
  cli,
  'open',
  ...(open ? [] : ['--no-open']),
  ...(values.port === undefined ? [] : ['--port', values.port]),
  ...(record === undefined ? [] : ['--record', record]),
];
await import(pathToFileURL(cli).href);
