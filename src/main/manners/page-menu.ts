import type { MenuItemConstructorOptions } from 'electron';
import type { ShellCommand } from '../../shared/shell.ts';

/** The page's actions of one group as items of the menu; where there is no page there are none. */
export function pageItems(
  commands: readonly ShellCommand[],
  group: string,
  run: (id: string) => void,
  mac = process.platform === 'darwin',
): MenuItemConstructorOptions[] {
  return commands
    .filter((command) => command.group === group)
    .map(({ id, label, key, on, blocked }): MenuItemConstructorOptions => ({
      id: `page-${id}`,
      // On macOS a shortcut that is shown is also taken, also from whoever types: there it is only said.
      label: mac && key !== undefined ? `${label} (${key})` : label,
      ...(blocked !== undefined && { enabled: false, sublabel: blocked }),
      ...(on !== undefined && { type: 'checkbox', checked: on }),
      // The page handles its keys itself, as it knows who is typing.
      ...(!mac && key !== undefined && { accelerator: key, registerAccelerator: false }),
      click: () => run(id),
    }));
}
