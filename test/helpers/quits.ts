/** Every way the desktop app is ended, and how it then ends. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTheApp, type TheApp } from './electron-app.ts';
import type { Desk } from './desk.ts';

export const WAYS = ['window', 'menu', 'signal', 'twice', 'recording', 'loading'] as const;
export type Way = (typeof WAYS)[number];

/** Longer than a busy machine takes, and than the app gives itself. */
const PATIENCE_MS = 30_000;

export interface Ended {
  code: number | null;
  signal: string | null;
  /** Processes of its own that live on. */
  left: number;
  /** What of ours stood on stderr. */
  said: string;
  /** From the order to the end. */
  tookMs: number;
}

/** Starts the app, ends it one way, and looks at what is left. @throws Error when it does not end */
export async function quitBy(way: Way, desk?: Desk): Promise<Ended> {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-quit-'));
  const file = join(dir, 'run.heartline');
  const app = await startTheApp({ dir, args: way === 'recording' ? ['--record', file] : [], ...(desk && { desk }) });
  try {
    if (way === 'loading') await app.electron.firstWindow();
    else await app.live();
    const began = performance.now();
    await order(app, way);
    const late = new Promise<never>((_, reject) => {
      setTimeout(
        () => reject(new Error(`it has not ended ${PATIENCE_MS / 1000} s after "${way}"`)),
        PATIENCE_MS,
      ).unref();
    });
    const { code, signal } = await Promise.race([app.ended, late]);
    const tookMs = performance.now() - began;
    const left = await leftBehind(app);
    if (way === 'recording') checkRecording(file);
    return { code, signal, left, said: app.said(), tookMs };
  } finally {
    await app.remove();
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Told from within a turn of its own: the app may be gone before it could answer. */
async function order({ electron }: TheApp, way: Way): Promise<void> {
  switch (way) {
    case 'window':
    case 'recording':
      return electron.evaluate(({ BrowserWindow }) => void setTimeout(() => BrowserWindow.getAllWindows()[0]!.close()));
    case 'menu':
      return electron.evaluate(({ Menu }) => {
        const items = Menu.getApplicationMenu()!.items.flatMap((item) => item.submenu?.items ?? []);
        setTimeout(() => items.find((item) => item.role === 'quit')!.click());
      });
    case 'signal':
      electron.process().kill('SIGTERM');
      return;
    case 'twice':
      return electron.evaluate(({ app }) => {
        setTimeout(() => app.quit());
        setTimeout(() => app.quit(), 5);
      });
    case 'loading':
      return electron.evaluate(({ app, BrowserWindow }) => {
        BrowserWindow.getAllWindows()[0]!.webContents.reload();
        setTimeout(() => app.quit(), 10);
      });
  }
}

/** Helpers hear of the end from their pipes: a busy machine gives them their turn a moment later. */
async function leftBehind(app: TheApp): Promise<number> {
  for (let look = 0; look < 50 && app.processes().length > 0; look++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return app.processes().length;
}

function checkRecording(file: string): void {
  const text = readFileSync(file, 'utf8');
  if (!text.endsWith('\n') || !text.trimEnd().split('\n').at(-1)!.includes('"type":"summary"'))
    throw new Error(`the recording has no end: …${text.slice(-200)}`);
}
