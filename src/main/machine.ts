import { connect } from 'node:net';
import { app, safeStorage } from 'electron';
import { sessionBus } from './session-bus.ts';

/** Something this machine does not have, and what that means here. */
export interface Lack {
  /** What a person who has read it once is not told again. */
  id: 'session-bus' | 'keyring' | 'gpu';
  text: string;
}

/** What is missing of what a desktop usually has. Each is gone on without. After the app is ready. */
export async function lacksOf(env: NodeJS.ProcessEnv = process.env): Promise<Lack[]> {
  const lacks: Lack[] = [];
  if (process.platform === 'linux') {
    if (!(await answers(sessionBus(env))))
      lacks.push({
        id: 'session-bus',
        text: 'There is no session bus (D-Bus): notifications and a tray icon cannot be shown.',
      });
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown')
      lacks.push({
        id: 'keyring',
        text: 'There is no keyring: what is kept secret for you needs a passphrase or a key file.',
      });
  }
  if (!(await hasGpu()))
    lacks.push({
      id: 'gpu',
      text: 'There is no usable GPU: the page is drawn by the processor, which costs more of it.',
    });
  return lacks;
}

function answers(socket: string | null): Promise<boolean> {
  if (socket === null) return Promise.resolve(false);
  return new Promise((resolve) => {
    const attempt = connect(socket);
    const done = (up: boolean): void => {
      attempt.destroy();
      resolve(up);
    };
    attempt.once('connect', () => done(true)).once('error', () => done(false));
  });
}

/** Known once Chromium has looked; where it does not say so in time, nothing is claimed. */
function hasGpu(): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): void => resolve(!app.getGPUFeatureStatus().gpu_compositing.startsWith('disabled'));
    const late = setTimeout(look, 5000);
    app.once('gpu-info-update', () => {
      clearTimeout(late);
      look();
    });
  });
}
