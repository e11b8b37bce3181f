import { app, type BrowserWindow } from 'electron';
import type { NoticeFact } from '../shared/observation.ts';
import type { Boxes } from './boxes.ts';

/** So many crashes of the page within this time, and it is not loaded again by itself. */
const CRASHES = 3;
const WITHIN_MS = 60_000;
/** Ends that nobody ordered. */
const BAD_ENDS = new Set(['abnormal-exit', 'killed', 'crashed', 'oom', 'launch-failed', 'integrity-failure']);

/** A helper process may end; the engine is in this one, and goes on. What ended is said, and the page comes back. */
export function watchProcesses(boxes: Boxes, note: (notice: NoticeFact) => void): void {
  app.on('child-process-gone', (_, { type, reason, exitCode, name, serviceName }) => {
    if (!BAD_ENDS.has(reason)) return;
    const what = type === 'GPU' ? 'The process that draws' : `A helper process (${name ?? serviceName ?? type})`;
    const goesOn = type === 'GPU' ? 'The window is drawn by another one' : 'It is started again when it is needed';
    note({
      type: 'notice',
      level: 'warn',
      code: type === 'GPU' ? 'desktop-gpu-gone' : 'desktop-process-gone',
      message: `${what} has ended (${reason}, exit code ${exitCode}).`,
      hint: `${goesOn}; lanes and recordings go on.`,
    });
  });
  app.on('browser-window-created', (_, window) => reviveFor(window, boxes, note));
}

function reviveFor(window: BrowserWindow, boxes: Boxes, note: (notice: NoticeFact) => void): void {
  const crashes: number[] = [];
  window.webContents.on('render-process-gone', (_, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return;
    const now = performance.now();
    crashes.push(now);
    const lately = crashes.filter((at) => now - at < WITHIN_MS).length;
    const message = `The page has ended unexpectedly (${reason}, exit code ${exitCode}).`;
    const lived = 'Lanes and recordings have gone on.';
    const load = (): void => {
      if (!window.isDestroyed()) window.webContents.reload();
    };
    if (lately < CRASHES) {
      note({
        type: 'notice',
        level: 'warn',
        code: 'desktop-page-gone',
        message,
        hint: `It was loaded again. ${lived}`,
      });
      load();
      void boxes.tell({ message, detail: `It was loaded again. ${lived}` });
      return;
    }
    note({ type: 'notice', level: 'error', code: 'desktop-page-gone', message, hint: lived });
    void boxes
      .ask(
        {
          message,
          detail: `That was the ${lately}th time within a minute, so it is not loaded again by itself. ${lived}`,
        },
        'Load again',
      )
      .then((again) => again && load());
  });
}
