import type { TheApp } from './electron-app.ts';

/** What a message box of the app says. */
export interface Box {
  message: string;
  detail: string;
  buttons: string[];
}

/** Answers the app's boxes as a person would, and writes down what they say: a script cannot press a native one. */
export async function answerBoxes({ electron }: TheApp, button: 'Open' | 'Copy' | 'Close'): Promise<void> {
  await electron.evaluate(({ dialog }, wanted) => {
    const seen: Box[] = ((globalThis as any).boxes ??= []);
    dialog.showMessageBox = (async ({ message, detail, buttons }: Box) => {
      seen.push({ message, detail, buttons });
      return { response: Math.max(0, buttons.indexOf(wanted)), checkboxChecked: false };
    }) as never;
  }, button);
}

export const boxesOf = ({ electron }: TheApp): Promise<Box[]> =>
  electron.evaluate(() => (globalThis as any).boxes ?? []);
