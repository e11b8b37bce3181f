import { METHOD_LABEL, METHODS, type Method } from '../../shared/catalog.ts';
import type { SavedEndpoint } from '../../shared/book/book.ts';
import { entryOf } from '../../shared/book/entry.ts';
import { BookFile } from '../../shared/book/file.ts';
import { Failure } from '../../shared/failure.ts';
import { shownUrl } from '../../shared/secrets.ts';
import { toCurl } from '../../shared/import/to-curl.ts';
import { fillVars } from '../../shared/endpoint/fill.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { openOut } from '../process/out.ts';
import { paint } from '../text/paint.ts';
import { table } from '../text/table.ts';
import { endpointNamed, envFile, openLibrary } from './library.ts';

interface ListFlags {
  env?: string;
  json?: boolean;
}

export function listEndpoints(flags: ListFlags): void {
  const out = openOut(flags.json === true, () => process.exit(0));
  const library = openLibrary();
  const vars = flags.env === undefined ? {} : envFile(flags.env).vars;
  const book = library.book(false);
  const p = paint(out.colour);
  for (const { message, hint } of book.problems) out.stderr(`heartline: ${message}${hint ? ` ${hint}` : ''}`);
  for (const saved of book.endpoints) out.record(recordOf(saved, withVars(saved.target, vars)));
  if (out.json) return failOn(book.problems.length > 0 && book.endpoints.length === 0);
  if (book.endpoints.length === 0 && book.problems.length === 0) {
    out.text('No endpoint is kept yet. heartline endpoints import "curl …" keeps one.');
    return;
  }
  const folders = [...new Set(book.endpoints.map(({ folder }) => folder))];
  for (const [i, folder] of folders.entries()) {
    if (folder !== null || folders.length > 1) out.text(`${i > 0 ? '\n' : ''}${p('bold', folder ?? 'In no folder')}`);
    const rows = book.endpoints
      .filter((one) => one.folder === folder)
      .map((saved) => {
        const target = withVars(saved.target, vars);
        return [target.name, methodsOf(target).map((m) => METHOD_LABEL[m]).join(', '), shownUrl(addressOf(target)), remarks(saved)];
      }); // prettier-ignore
    out.text(table(rows, 'left'));
  }
  failOn(book.problems.length > 0 && book.endpoints.length === 0);
}

const failOn = (failed: boolean): void => void (failed && (process.exitCode = 2));

export function showEndpoint(name: string, flags: ListFlags): void {
  const out = openOut(flags.json === true, () => process.exit(0));
  const library = openLibrary();
  endpointNamed(library, name);
  const saved = library.book(false).endpoints.find(({ target }) => target.name === name)!;
  const target = withVars(saved.target, flags.env === undefined ? {} : envFile(flags.env).vars);
  out.record(recordOf(saved, target));
  if (out.json) return;
  const file = new BookFile('');
  file.save({ target, folder: saved.folder });
  out.text(file.toString().split('\n').slice(4).join('\n').trimEnd()); // prettier-ignore
  for (const method of methodsOf(target)) {
    const url = target.urls[method] ?? target.base ?? '';
    const curl = toCurl(target, method, url);
    if (curl !== null) out.text(`\n# ${METHOD_LABEL[method]}\n${curl}`);
  }
  const words = remarks(saved);
  if (words !== '') out.stderr(`heartline: ${words}.`);
}

export function removeEndpoint(name: string): void {
  const library = openLibrary();
  endpointNamed(library, name);
  library.endpoints.delete(name);
  openOut(false, () => process.exit(0)).text(`“${name}” is removed.`);
}

export function withVars(target: RemoteTarget, vars: Readonly<Record<string, string>>): RemoteTarget {
  return Object.keys(vars).length === 0 ? target : fillVars(target, vars);
}

function recordOf({ folder, missing, command }: SavedEndpoint, target: RemoteTarget): object {
  return {
    v: 1,
    type: 'endpoint',
    ...entryOf({ target, folder }),
    folder,
    methods: methodsOf(target),
    missing,
    ...(command ? { command } : {}),
    ...(target.tls?.insecure ? { insecure: true } : {}),
  };
}

function methodsOf({ urls, base }: RemoteTarget): Method[] {
  const own = METHODS.filter((method) => urls[method] !== undefined);
  return own.length > 0 || base === null ? own : [...METHODS];
}

const addressOf = ({ urls, base }: RemoteTarget): string =>
  METHODS.map((method) => urls[method]).find((url) => url !== undefined) ?? base ?? '';

function remarks({ target, missing, command }: SavedEndpoint): string {
  return [
    ...(target.tls?.insecure ? ['INSECURE: any certificate is taken'] : []),
    ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
    ...(command === 'inert' ? ['its token command is not confirmed'] : []),
  ].join('; ');
}

export const notConfirmed = (name: string): Failure =>
  new Failure({
    code: 'not-a-command',
    place: name,
    message: 'This endpoint has no token command.',
    hint: 'heartline endpoints show tells how it authenticates.',
    exit: 2,
  });
