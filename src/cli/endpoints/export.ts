import { BookFile } from '../../shared/book/file.ts';
import { entryOf } from '../../shared/book/entry.ts';
import { openOut } from '../process/out.ts';
import { endpointNamed, envFile, openLibrary } from './library.ts';
import { withVars } from './list.ts';

/** As a file that `import` takes again: secrets stay the names they are kept by. */
export function exportEndpoints(names: string[], flags: { env?: string; json?: boolean }): void {
  const out = openOut(flags.json === true, () => process.exit(0));
  const library = openLibrary();
  for (const name of names) endpointNamed(library, name);
  const { entries, environments, environment, problems } = library.endpoints.read();
  for (const { line, message } of problems) out.stderr(`heartline: ${library.endpoints.file ?? ''}:${line}: ${message} It is left out.`);
  const vars = flags.env === undefined ? {} : envFile(flags.env).vars;
  const chosen = entries
    .filter(({ target }) => names.length === 0 || names.includes(target.name))
    .map(({ target, folder }) => ({ target: withVars(target, vars), folder }));
  if (out.json) {
    out.record({ v: 1, type: 'endpoints', endpoints: chosen.map(entryOf), environments: Object.fromEntries(environments.map((one) => [one.name, one.vars])), environment });
    return;
  }
  const file = new BookFile('');
  for (const entry of chosen) file.save(entry);
  if (environments.length > 0) file.setEnvironments(environments, environment);
  out.text(file.toString().trimEnd());
} // prettier-ignore
