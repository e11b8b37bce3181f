import { clipboard, dialog, type MessageBoxOptions } from 'electron';

/** What a box says: a sentence, and what else there is to know of it. */
export interface Words {
  message: string;
  detail?: string;
}

/** Boxes that can be closed and copied; none of them keeps the app from being quit. */
export class Boxes {
  readonly #gone = new AbortController();

  /** Resolves when it has been closed. */
  async tell({ message, detail = '' }: Words, type: 'info' | 'warning' | 'error' = 'warning'): Promise<void> {
    const { response } = await this.#show({ type, message, detail, buttons: ['Close', 'Copy'], cancelId: 0 });
    if (response === 1) void clipboard.writeText(detail === '' ? message : `${message}\n\n${detail}`);
  }

  /** @param yes the button that agrees. Whoever closes the box does not. */
  async ask({ message, detail = '' }: Words, yes: string): Promise<boolean> {
    const { response } = await this.#show({ type: 'question', message, detail, buttons: ['Cancel', yes], cancelId: 0 });
    return response === 1;
  }

  /** For the quit: whatever is open closes, and nothing opens any more. */
  closeAll(): void {
    this.#gone.abort();
  }

  async #show(options: MessageBoxOptions): Promise<{ response: number }> {
    const { signal } = this.#gone;
    if (signal.aborted) return { response: 0 };
    return dialog.showMessageBox({ title: 'Heartline', defaultId: 0, noLink: true, ...options, signal });
  }
}
