import type { SecretKeyKind } from '../../shared/secrets-status.ts';
import { refuse } from '../args/flags.ts';
import { openOut } from '../process/out.ts';
import { endpointNamed, openLibrary, readText } from './library.ts';
import { notConfirmed } from './list.ts';

export function secretsStatus(flags: { json?: boolean }): void {
  const out = openOut(flags.json === true, () => process.exit(0));
  const status = openLibrary().secrets.status();
  out.record({ v: 1, type: 'secrets', ...status });
  if (!out.json) {
    out.text(`${status.text}${status.hint === undefined ? '' : ` ${status.hint}`}`);
    for (const name of status.names) out.text(`  ${name}`);
  }
  if (status.state === 'locked' || status.state === 'broken') process.exitCode = 3;
}

export async function setSecret(name: string): Promise<void> {
  if (!/^[\w.-]{1,200}$/.test(name)) throw refuse('--set', `"${name}" is no name.`, 'Use letters, digits, dots and dashes.');
  const value = readText('--set', '-').replace(/\r?\n$/, '');
  if (value === '') throw refuse('--set', 'Nothing came on stdin.', 'Give the value there, so that no process list shows it.');
  openLibrary().secrets.put({ [name]: value });
} // prettier-ignore

export function addKey(kind: 'passphrase' | 'key-file' | 'env'): void {
  if (kind !== 'passphrase') return openLibrary().secrets.addKey(kind);
  const passphrase = process.env['HEARTLINE_PASSPHRASE'] ?? '';
  if (passphrase === '') throw refuse('--add-key', 'There is no passphrase.', 'Set HEARTLINE_PASSPHRASE to it.');
  openLibrary().secrets.addKey(kind, passphrase);
}

export const dropKey = (kind: SecretKeyKind): void => openLibrary().secrets.dropKey(kind);

export function confirmCommand(name: string): void {
  const library = openLibrary();
  const { auth } = endpointNamed(library, name);
  if (auth?.type !== 'token-command') throw notConfirmed(name);
  if (library.secrets.status().state === 'locked') library.secrets.names(); // says why
  library.secrets.confirm(auth.command);
  openOut(false, () => process.exit(0)).text(`It may be run for “${name}”: ${auth.command}`);
}
