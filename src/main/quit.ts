import { app } from 'electron';
import { failureData, failureText } from '../shared/failure.ts';
import { realClock } from '../engine/time/clock.ts';
import type { Boxes } from './boxes.ts';

/** How long recordings and connections may take to close when the app quits. */
const QUIT_TIMEOUT_MS = 3000;

/**
 * Closes what must end whole before the app goes, and lets it go in any case. A fault while it does is written down, not
 * shown: a box that waits for somebody would keep the app from ending.
 */
export function closeBeforeQuit(boxes: Boxes, close: () => Promise<void>): { readonly begun: boolean } {
  let begun = false;
  let closed = false;
  const begin = (): void => {
    begun = true;
    boxes.closeAll();
  };
  const fault = (error: unknown): void => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    if (!begun)
      void boxes.tell(
        { message: 'Something in Heartline has gone wrong. It goes on.', detail: failureText(failureData(error)) },
        'error',
      );
  };
  process.on('uncaughtException', fault).on('unhandledRejection', fault);

  app.on('before-quit', begin);
  app.on('will-quit', (event) => {
    begin();
    if (closed) return;
    event.preventDefault();
    void Promise.race([close(), realClock().sleep(QUIT_TIMEOUT_MS)])
      .catch((error: unknown) => console.error(failureText(failureData(error))))
      .finally(() => {
        closed = true;
        app.quit();
      });
  });
  return {
    get begun() {
      return begun;
    },
  };
}
