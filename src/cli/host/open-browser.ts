import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Opens a browser in the platform's own way; where there is no display or no such program, the printed address has to
 * do. What a program is started with can be read by every user of the machine, so it is given a file that only its owner
 * can read, and that file leads on to the address.
 * @returns takes the file away again, once the address has been used
 */
export function openBrowser(url: string, dataDir: string): () => void {
  const onLinux = process.platform !== 'darwin' && process.platform !== 'win32';
  if (onLinux && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return () => {};
  const file = writeRedirect(url, [dataDir, tmpdir()]);
  if (file === null) return () => {};
  const [program, args]: [string, string[]] =
    process.platform === 'darwin'
      ? ['open', [file]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', file]]
        : ['xdg-open', [file]];
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
  return () => rmSync(file, { force: true });
}

/** @returns the file, in the first of these folders that can be written */
export function writeRedirect(url: string, folders: readonly string[]): string | null {
  for (const folder of folders) {
    const file = join(folder, `open-${randomBytes(8).toString('hex')}.html`);
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, redirectPage(url), { mode: 0o600, flag: 'wx' });
      return file;
    } catch {
      // the next one, perhaps
    }
  }
  return null;
}

const redirectPage = (url: string): string => `<!doctype html>
<meta charset="utf-8" />
<meta name="referrer" content="no-referrer" />
<meta http-equiv="refresh" content="0; url=${url}" />
<title>Heartline</title>
<a href="${url}">Open Heartline</a>
`;
