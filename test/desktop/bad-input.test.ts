import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boxesOf, withBoxes, type Box } from '../helpers/boxes.ts';
import { deskHere } from '../helpers/desk.ts';
import { startTheApp, type TheApp } from '../helpers/electron-app.ts';

// What a machine lacks or keeps from it the app says, in a box that can be closed and copied, and goes on.
describe('on a machine that is not as it should be, a real Electron', () => {
  let dir: string;
  let app: TheApp | undefined;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-bad-'))));
  afterEach(async () => {
    await app?.remove();
    app = undefined;
    rmSync(dir, { recursive: true, force: true });
  });

  /** Starts the app. @returns the boxes it has shown by the time its lanes live */
  async function boxesAtStart(options: Parameters<typeof startTheApp>[0] = {}): Promise<Box[]> {
    app = await startTheApp({ dir, entry: withBoxes(deskHere()!), ...options });
    await app.live();
    return boxesOf(app);
  }
  const quits = async (): Promise<void> => {
    await app!.electron.evaluate(({ app: self }) => void setTimeout(() => self.quit()));
    expect(await app!.ended).toMatchObject({ code: 0 });
  };

  it('keeps settings that it does not understand, and starts', async () => {
    writeFileSync(join(dir, 'settings.json'), '{"theme": "pink"}');
    expect(await boxesAtStart()).toContainEqual({
      message: 'Heartline starts with fresh settings.',
      detail: expect.stringMatching(/pink[^]*settings\.broken\.json/),
      buttons: ['Close', 'Copy'],
    });
    await quits();
  });

  it('runs where its folder is read-only', async () => {
    // its owner could write all the same: the folder is inside one that is root's, or not to be written
    const locked = join(dir, 'locked');
    mkdirSync(locked);
    if (process.getuid?.() !== 0) chmodSync(locked, 0o555);
    const boxes = await boxesAtStart({ env: { HEARTLINE_DATA_DIR: join(locked, 'data') } });
    expect(boxes).toContainEqual({
      message: 'Nothing can be kept this time.',
      detail: expect.stringMatching(/EACCES[^]*are not written/),
      buttons: ['Close', 'Copy'],
    });
    await quits();
  });

  it('runs where the disk is full', async (ctx) => {
    if (process.getuid?.() !== 0) ctx.skip('only root can mount a small disk');
    const small = join(dir, 'small');
    chmodSync(dir, 0o755); // else it is kept out before it comes to the disk
    mkdirSync(small);
    const mount = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=1777', 'tmpfs', small], { encoding: 'utf8' });
    if (mount.status !== 0) throw new Error(`no tmpfs can be mounted here: ${mount.stderr}`);
    try {
      spawnSync('dd', ['if=/dev/zero', `of=${join(small, 'full')}`, 'bs=4k'], { stdio: 'ignore' });
      const boxes = await boxesAtStart({ env: { HEARTLINE_DATA_DIR: join(small, 'data') } });
      expect(boxes).toContainEqual(
        expect.objectContaining({
          message: 'Nothing can be kept this time.',
          detail: expect.stringContaining('ENOSPC'),
        }),
      );
      await quits();
      expect(readdirSync(small)).not.toContain('.probe');
    } finally {
      await app?.remove();
      app = undefined;
      spawnSync('umount', ['-l', small]);
    }
  });

  it('takes another port where the one it was given is in use, and says which', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo; // cast: it listens at a port
    const boxes = await boxesAtStart({ args: ['--server-port', String(port)] });
    taken.close();
    expect(boxes).toContainEqual({
      message: `Port ${port} is in use.`,
      detail: expect.stringMatching(/listens at http:\/\/127\.0\.0\.1:\d+ instead/),
      buttons: ['Close', 'Copy'],
    });
    await quits();
  });

  it('says once that there is no session bus, no keyring and no GPU, and quits with that box open', async () => {
    const without = { DBUS_SESSION_BUS_ADDRESS: 'disabled:' };
    const lacks = (boxes: Box[]): Box | undefined => boxes.find(({ message }) => message.includes('lacks something'));
    await boxesAtStart({ env: without });
    await expect
      .poll(async () => lacks(await boxesOf(app!)))
      .toMatchObject({ detail: expect.stringMatching(/session bus[^]*keyring[^]*GPU/), buttons: ['Close', 'Copy'] });
    await quits();
    await app!.remove();
    await boxesAtStart({ env: without });
    await new Promise((resolve) => setTimeout(resolve, 6000)); // what it would have said, it would have said by then
    expect(lacks(await boxesOf(app!))).toBeUndefined();
  });
});
