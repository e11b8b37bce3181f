// Stands in for the app that a stock Electron carries: `electron FOLDER|FILE …` runs what is there under its own name and version.
import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from 'electron';

const named = process.argv.slice(1).find((argument) => !argument.startsWith('-'));
if (named === undefined) {
  console.error('Usage: electron FOLDER|FILE …');
  app.exit(2);
} else {
  // Awaited: Electron is not ready before, and what must be asked for earlier still can be.
  await import(pathToFileURL(mainOf(resolve(named))).href);
}

/** @param {string} path */
function mainOf(path) {
  if (!statSync(path).isDirectory()) return path;
  const { productName, name, version, main = 'index.js' } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  app.setName(productName ?? name);
  if (version) app.setVersion(version);
  app.setAppPath(path);
  return join(path, main);
}
