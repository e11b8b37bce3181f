import { dialog, type BrowserWindow, type MessageBoxOptions } from 'electron';

/** Asks whoever sits here whether a command may be run for an endpoint. Nothing but a press on “Run it” says yes. */
export async function confirmCommand(
  command: string,
  endpoint: string,
  window: () => BrowserWindow | undefined,
): Promise<boolean> {
  const options: MessageBoxOptions = {
    type: 'warning',
    title: 'Heartline',
    message: `Run this command for “${endpoint}”?`,
    detail: `${command}\n\nIt runs as you, at every attempt to connect, and prints the token that is sent. Confirm it only if you know where it comes from.`,
    buttons: ['Run it', 'Do not run it'],
    defaultId: 1,
    cancelId: 1,
  };
  const parent = window();
  const { response } = await (parent ? dialog.showMessageBox(parent, options) : dialog.showMessageBox(options));
  return response === 0;
}
