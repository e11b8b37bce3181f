import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { _electron, type ElectronApplication } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { desktopTree } from '../../scripts/package/desktop-tree.mjs';
import { deskHere } from '../helpers/desk.ts';
import { giveTo, launcherOf } from '../rigs/electron/desk.mjs';

const LIST = '/latest-linux.yml';
const DEB = 'heartline_9.9.9_amd64.deb';

interface Said {
  message: string;
  detail: string;
}

// The packaged program on a real Electron, a server of releases on loopback, and keys made here. Only its fuses are not those
// of a release: what they keep out is how a test looks in.
describe('new versions', () => {
  const desk = deskHere()!;
  const ours = generateKeyPairSync('ed25519');
  let folder: string;
  let launcher: string;
  let server: Server;
  let asked: string[] = [];
  let files: Record<string, Buffer> = {};
  let data: string;
  let app: ElectronApplication | null = null;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'heartline-updates-'));
    chmodSync(folder, 0o755);
    server = createServer((request, response) => {
      const { pathname } = new URL(request.url!, 'http://x');
      asked.push(pathname);
      const body = files[pathname];
      response.writeHead(body ? 200 : 404).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { binary } = await desktopTree({
      root: process.cwd(),
      electron: dirname(desk.binary),
      to: join(folder, 'heartline'),
      kind: 'deb',
      env: {
        HEARTLINE_UPDATE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        HEARTLINE_UPDATE_PUBLIC_KEY: ours.publicKey
          .export({ type: 'spki', format: 'der' })
          .subarray(-32)
          .toString('base64'),
      },
      fuses: false,
    });
    launcher = launcherOf(desk.user, binary, join(folder, 'launch'));
  });
  afterAll(() => {
    server?.close();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  });
  beforeEach(() => {
    asked = [];
    files = {};
  });
  const end = async (): Promise<void> => {
    await app?.close();
    app = null;
    rmSync(data, { recursive: true, force: true, maxRetries: 3 });
  };
  afterAll(end);

  /** What the server has from now on. */
  const release = (version: string, deb: string, { signer = ours.privateKey, sent = deb } = {}): void => {
    const sha512 = createHash('sha512').update(deb).digest('base64');
    const list = Buffer.from(JSON.stringify({ version, files: [{ url: DEB, sha512, size: deb.length }] }));
    const signature = (key: KeyObject): Buffer => Buffer.from(sign(null, list, key).toString('base64'));
    files = { [LIST]: list, [`${LIST}.sig`]: signature(signer), [`/${DEB}`]: Buffer.from(sent) };
  };

  const start = async (settings?: object): Promise<ElectronApplication> => {
    data = mkdtempSync(join(tmpdir(), 'heartline-updates-data-'));
    if (settings) writeFileSync(join(data, 'settings.json'), JSON.stringify(settings));
    giveTo(desk, data);
    const cache = join(data, 'cache');
    const env = { ...process.env, NODE_OPTIONS: '', ...desk.env, HEARTLINE_DATA_DIR: data, XDG_CACHE_HOME: cache };
    // cast: what is undefined is not in the environment of a child
    app = await _electron.launch({ executablePath: launcher, args: [], env: env as Record<string, string> });
    const page = await app.firstWindow();
    await page.getByTestId('lane-sse').waitFor();
    return app;
  };

  /** Chooses Help → Check for Updates…, presses these buttons, and reads what the dialogs said, the last being `until`. */
  const check = async (buttons: number[], until: RegExp): Promise<Said[]> => {
    const running = (app ??= await start());
    await running.evaluate(({ dialog, Menu }, presses) => {
      const said: unknown[] = [];
      (globalThis as any).said = said;
      dialog.showMessageBox = (options: any) => {
        said.push(options);
        return Promise.resolve({ response: presses[said.length - 1] ?? 1, checkboxChecked: false });
      };
      Menu.getApplicationMenu()!.getMenuItemById('look-for-update')!.click();
    }, buttons);
    let said: Said[] = [];
    await expect
      .poll(async () => {
        said = await running.evaluate(() =>
          (globalThis as any).said.map(({ message, detail }: Said) => ({ message, detail })),
        );
        return said.at(-1)?.message ?? '';
      })
      .toMatch(until);
    return said;
  };
  const kept = (): string[] =>
    readdirSync(data, { recursive: true })
      .map(String)
      .filter((file) => file.endsWith('.deb'));

  it('are not asked for while that is off, as it is unless switched on', async () => {
    release('9.9.9', 'new');
    const running = await start();
    const item = await running.evaluate(
      ({ Menu }) => Menu.getApplicationMenu()!.getMenuItemById('updates')!.checked as boolean,
    );
    expect(item).toBe(false);
    await end();
    expect(asked).toEqual([]);
  });

  it('are asked for at the start while that is on', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    release(version, 'same');
    await start({ updates: 'check' });
    await expect.poll(() => asked).toEqual([LIST, `${LIST}.sig`]);
    await end();
  });

  it('are downloaded when a person says so, and only then', async () => {
    release('9.9.9', 'new');
    const [offer] = await check([1], /is out/);
    expect(offer).toMatchObject({ message: 'Heartline 9.9.9 is out.' });
    expect(asked).toEqual([LIST, `${LIST}.sig`]);
    const [, ready] = await check([0, 1], /is ready/);
    expect(asked).toContain(`/${DEB}`);
    const path = /[^ ]+\.deb/.exec(ready!.detail)![0];
    expect(readFileSync(path, 'utf8')).toBe('new');
  });

  it('are refused when the download is not the file that was signed, and nothing of it stays', async () => {
    release('9.9.9', 'another', { sent: 'not thus' });
    const said = await check([0, 0], /not updated/);
    expect(said.at(-1)!.detail).toContain('it is not the file that was signed (its SHA-512 differs)');
    expect(kept()).toEqual([]);
  });

  it('are refused when another key signed the list, before anything is downloaded', async () => {
    release('9.9.9', 'new', { signer: generateKeyPairSync('ed25519').privateKey });
    const said = await check([0, 0], /not updated/);
    expect(said).toHaveLength(1);
    expect(said[0]!.detail).toContain("its signature is not by this project's key");
    expect(asked).toEqual([LIST, `${LIST}.sig`]);
  });

  it('are refused when they are old ones', async () => {
    release('0.0.1', 'old');
    const said = await check([0, 0], /not updated/);
    expect(said[0]!.detail).toContain('Version 0.0.1 is refused: it is older than this one');
    expect(asked).not.toContain(`/${DEB}`);
  });

  it('are not known when nobody answers, which is said to who asked', async () => {
    const said = await check([], /not updated/);
    expect(said[0]!.detail).toContain('Whether there is a new version is not known: the server answered 404');
  });
});
