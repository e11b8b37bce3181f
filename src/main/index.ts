import { join, resolve } from 'node:path';
import { app } from 'electron';
import { dataDir } from '../engine/files/data-dir.ts';
import { readArguments } from './arguments.ts';
import { registerBundle } from './bundle.ts';
import { removeFolder, temporaryFolder, whyNotWritable } from './data-folder.ts';
import { runApp } from './run-app.ts';

// Two data folders are two apps side by side. Chromium keeps its own files there too when the folder was named.
const data = resolve(dataDir());
const unwritable = whyNotWritable(data);
const profile = process.env['HEARTLINE_DATA_DIR'] ? data : app.getPath('userData');
const broken = profile === data ? unwritable : whyNotWritable(profile);
// Where nothing can be written Chromium would not start, nor say why: it gets a folder for this time only.
const temporary = broken === null ? null : temporaryFolder();
app.setPath('userData', temporary ?? profile);
if (temporary !== null) process.once('exit', () => removeFolder(temporary));

// As root Chromium starts only without its sandbox, and asking for it here would take back the switch that says so.
if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
registerBundle();

const given = { argv: process.argv.slice(1), cwd: process.cwd() };
if (app.requestSingleInstanceLock(given)) {
  runApp(
    { dataDir: data, settingsFile: join(data, 'settings.json'), unwritable: unwritable ?? broken },
    readArguments(given.argv, given.cwd),
  );
} else app.quit();
