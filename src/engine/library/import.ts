import type { Environment } from '../../shared/book/book.ts';
import type { Entry } from '../../shared/book/entry.ts';
import { renameSecrets, secretsNamed } from '../../shared/endpoint/seal.ts';
import type { ImportReading } from '../../shared/import/import-text.ts';
import type { LeftOut } from '../../shared/import/imported.ts';
import type { Method } from '../../shared/catalog.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { sameValue } from '../../shared/yaml/format-value.ts';
import type { Library } from './library.ts';

export interface KeptImport {
  target: RemoteTarget;
  folder: string | null;
  /** Of a request: what it is followed by, and how that is known (null: a guess). */
  method: Method | null;
  by: string | null;
  leftOut: LeftOut[];
  /** Secrets that went into the store with it. */
  secrets: string[];
  /** Secrets that it names, and that somebody has to give. */
  missing: string[];
  /** It has a token command, which is not run before it is confirmed. */
  command: string | null;
  /** The same was kept already: nothing was done. */
  known: boolean;
}

/**
 * Keeps what was imported, under names of its own: nothing that is there is changed. A secret that it names never means one
 * that is kept here already: whoever wrote the file would have it sent to an address of theirs.
 * @throws Failure `secrets-locked`, `cannot-save` …
 */
export function keepImport(
  library: Library,
  reading: ImportReading,
  options: { name?: string | undefined; folder?: string | undefined; method?: Method | undefined } = {},
): KeptImport[] {
  keepEnvironments(library, reading.environments);
  return reading.items.map(({ entry, request, leftOut }) => {
    const named = options.name !== undefined && reading.items.length === 1 ? { ...entry.target, name: options.name } : entry.target;
    const wanted = options.method && request ? withMethod(named, request.method, options.method) : named;
    const folder = options.folder ?? entry.folder;
    const method = options.method ?? request?.method ?? null;
    const rest = { folder, leftOut, method, by: options.method ? 'as you said' : (request?.by ?? null) };
    const { target, known } = keepOne(library, { target: wanted, folder });
    const { auth } = target;
    const had = secretsNamed(wanted);
    const names = secretsNamed(target);
    return {
      target,
      known,
      ...rest,
      secrets: names.filter((name) => !had.includes(name) && library.secrets.value(name) !== undefined),
      missing: names.filter((name) => library.secrets.value(name) === undefined),
      command: auth?.type === 'token-command' && !library.secrets.isConfirmed(auth.command) ? auth.command : null,
    };
  });
} // prettier-ignore

function keepOne(library: Library, { target: given, folder }: Entry): { target: RemoteTarget; known: boolean } {
  const saved = library.endpoints.list();
  const twin = saved.find((one) => sameValue({ ...one, name: '' }, { ...given, name: '' }));
  if (twin) return { target: twin, known: true };
  const taken = secretsNamed(given).filter((name) => library.secrets.value(name) !== undefined);
  const renamed = Object.fromEntries(taken.map((name) => [name, freeName(name, library)]));
  let { name } = given;
  for (let n = 2; saved.some((one) => one.name === name); n++) name = `${given.name} (${n})`;
  const target = library.endpoints.save({ ...renameSecrets(given, renamed), name }, { folder });
  return { target, known: false };
}

/** Variables that are there keep their values; those that are new come beside them. */
function keepEnvironments(library: Library, more: readonly Environment[]): void {
  if (more.length === 0) return;
  const { environments, environment } = library.endpoints.read();
  const all = environments.map((one) => {
    const other = more.find(({ name }) => name === one.name);
    return other ? { name: one.name, vars: { ...own(other, library), ...one.vars } } : one;
  });
  const fresh = more.filter(({ name }) => !environments.some((one) => one.name === name));
  const added = fresh.map((one) => ({ name: one.name, vars: own(one, library) }));
  library.endpoints.setEnvironments([...all, ...added], environment);
}

/** A variable that is a secret of somebody's is one that has to be given here. */
const own = ({ vars }: Environment, library: Library): Record<string, string> =>
  Object.fromEntries(
    Object.entries(vars).map(([name, value]) => [
      name,
      value.replace(/\{secret\.([\w.-]+)\}/g, (whole, secret: string) =>
        library.secrets.value(secret) === undefined ? whole : `{secret.${freeName(secret, library)}}`,
      ),
    ]),
  );

function freeName(name: string, library: Library): string {
  for (let n = 2; ; n++) if (library.secrets.value(`${name}-${n}`) === undefined) return `${name}-${n}`;
}

/** The same request, followed by another method. */
function withMethod(target: RemoteTarget, from: Method, to: Method): RemoteTarget {
  const { [from]: url, ...urls } = target.urls;
  if (url === undefined || from === to) return target;
  const own = to === 'websocket' ? url.replace(/^http/i, 'ws') : url.replace(/^ws/i, 'http');
  return { ...target, urls: { ...urls, [to]: own } };
}
