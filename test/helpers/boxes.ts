import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Desk } from './desk.ts';
import type { TheApp } from './electron-app.ts';

/** What a message box of the app says. */
export interface Box {
  message: string;
  detail: string;
  buttons: string[];
}

/** Writes down every box from the start on, and shows it all the same. @returns the entry to start instead of the app's own */
export function withBoxes({ app }: Desk): string {
  const entry = 'with-boxes.mjs';
  const text = `import { dialog } from 'electron';
globalThis.boxes = [];
const show = dialog.showMessageBox.bind(dialog);
dialog.showMessageBox = (options) => {
  const { message, detail, buttons } = options;
  globalThis.boxes.push({ message, detail, buttons });
  return show(options);
};
await import('./out/main/index.js');
`;
  writeFileSync(join(app, entry), text);
  chmodSync(join(app, entry), 0o644);
  return entry;
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
