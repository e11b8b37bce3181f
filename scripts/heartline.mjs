// @ts-check
// npm run -s heartline -- …: the command line. It runs in this very process, so arguments, streams, signals and the exit
// code are its own; stdout carries nothing of ours.
import './ensure-node.mjs';
import './exit-with-parent.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildOrExit, ROOT } from './build.mjs';

await buildOrExit(process.stderr.isTTY ? (line) => console.error(line) : undefined);
const cli = join(ROOT, 'out/main/cli.js');
process.argv[1] = cli;
await import(pathToFileURL(cli).href);
