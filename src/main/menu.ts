import { app, Menu, shell, type MenuItemConstructorOptions } from 'electron';
import { THEMES, type Theme } from './settings.ts';
import type { ShellCommand } from '../shared/shell.ts';
import { pageItems } from './manners/page-menu.ts';
import type { UpdateChoice } from './updates/update-choice.ts';

const THEME_LABEL: Record<Theme, string> = { system: 'Same as System', dark: 'Dark', light: 'Light' };

/** What the menu says and does about new versions. */
export interface UpdateMenu {
  choice: UpdateChoice;
  choose: (choice: UpdateChoice) => void;
  look: () => void;
}

/** What the page can do now, and the way to have it done. */
export interface PageMenu {
  commands: readonly ShellCommand[];
  run: (id: string) => void;
}

/** What belongs to a window, and every action of the page under the name and the shortcut it has there. */
export function setMenu(theme: Theme, choose: (theme: Theme) => void, updates: UpdateMenu, page: PageMenu): void {
  const of = (group: string): MenuItemConstructorOptions[] => pageItems(page.commands, group, page.run);
  const own = (label: string, group: string): MenuItemConstructorOptions[] =>
    of(group).length > 0 ? [{ label, submenu: of(group) }] : [];
  const template: MenuItemConstructorOptions[] = [
    ...(process.platform === 'darwin' ? [{ role: 'appMenu' } as const] : []),
    { role: 'fileMenu' },
    { role: 'editMenu' },
    ...own('Run', 'Run'),
    ...own('Conditions', 'Settings'),
    {
      label: 'View',
      submenu: [
        {
          label: 'Theme',
          submenu: THEMES.map((name) => ({
            label: THEME_LABEL[name],
            type: 'radio',
            checked: name === theme,
            click: () => choose(name),
          })),
        },
        { type: 'separator' },
        ...of('View'),
        { type: 'separator' },
        { role: 'reload' },
        { role: 'toggleDevTools' },
        { type: 'separator' },
        { role: 'resetZoom' },
        { role: 'zoomIn' },
        { role: 'zoomOut' },
        { type: 'separator' },
        { role: 'togglefullscreen' },
      ],
    },
    { role: 'windowMenu' },
    {
      role: 'help',
      submenu: [
        { label: 'Show Recordings and Settings', click: () => void shell.openPath(app.getPath('userData')) },
        ...updateItems(updates),
        { role: 'about' },
      ],
    },
  ];
  Menu.setApplicationMenu(Menu.buildFromTemplate(template));
}

function updateItems({ choice, choose, look }: UpdateMenu): MenuItemConstructorOptions[] {
  return [
    { id: 'look-for-update', label: 'Check for Updates…', click: look },
    {
      id: 'updates',
      label: 'Check for Updates Daily',
      type: 'checkbox',
      checked: choice === 'check',
      click: ({ checked }) => choose(checked ? 'check' : 'off'),
    },
  ];
}
