import { existsSync } from 'node:fs';
import { keepImport, type KeptImport } from '../../engine/library/import.ts';
import { METHOD_LABEL, type Method } from '../../shared/catalog.ts';
import { isCurl } from '../../shared/import/curl.ts';
import { readImport } from '../../shared/import/import-text.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { refuse } from '../args/flags.ts';
import { openOut, type Out } from '../process/out.ts';
import { envFile, openLibrary, readText } from './library.ts';

interface ImportFlags {
  name?: string;
  folder?: string;
  method?: Method;
  entry?: number[];
  allowCommands?: boolean;
  env?: string;
  json?: boolean;
}

export function importEndpoints(given: string, flags: ImportFlags): void {
  const out = openOut(flags.json === true, () => process.exit(0));
  const text = isCurl(given) && !existsSync(given) ? given : readText('FILE', given);
  const reading = readImport(text, flags.entry ? { entries: flags.entry } : {});
  if (flags.entry && reading.kind !== 'har') throw refuse('--entry', 'It is for HAR files.', 'Leave it out.');
  if (flags.name !== undefined && reading.items.length !== 1) {
    throw refuse('--name', `There are ${reading.items.length} endpoints in it.`, 'Leave it out, or name one entry.');
  }
  if (flags.env !== undefined) reading.environments.push(envFile(flags.env));
  const library = openLibrary();
  const kept = keepImport(library, reading, flags);
  for (const one of kept) {
    if (one.command !== null && flags.allowCommands) {
      library.secrets.confirm(one.command);
      one.command = null;
    }
    report(out, one);
  }
  if (kept.length === 0) out.text('There is no endpoint in it.');
}

function report(out: Out, kept: KeptImport): void {
  const { target, folder, method, by, leftOut, secrets, missing, command, known } = kept;
  const urls = Object.values(target.urls).map(shownUrl);
  out.record({ v: 1, type: 'imported', name: target.name, folder, method, by, urls: target.urls, leftOut, secrets, missing, ...(command === null ? {} : { command: 'inert' }), known });
  const how = method === null ? '' : ` (${METHOD_LABEL[method]}${by === null ? ', which is a guess: --method says otherwise' : `, ${by}`})`;
  out.text(`${known ? 'Kept already' : 'Kept'}: “${target.name}”${how}  ${urls.join(' ') || (target.base ?? '')}`);
  if (secrets.length > 0) out.text(`  In the store: ${secrets.join(', ')}`);
  if (missing.length > 0) out.text(`  To be given: ${missing.join(', ')} (heartline endpoints secrets --set NAME)`);
  if (target.tls?.insecure) out.text('  INSECURE: it takes any certificate, so anybody on the way can read it.');
  if (command !== null) out.text(`  Not run until you confirm it (heartline endpoints confirm “${target.name}”): ${command}`);
  for (const { part, reason } of leftOut) out.text(`  Left out: ${part} (${reason})`);
} // prettier-ignore
