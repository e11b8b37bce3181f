import { expect, it } from 'vitest';
import { pageItems } from '../../../src/main/manners/page-menu.ts';

const COMMANDS = [
  { id: 'sleep', label: 'Sleep 10 s', group: 'Run', key: 'S', on: false },
  { id: 'restart', label: 'Restart', group: 'Run', blocked: 'This server is not ours.' },
  { id: 'settings', label: 'Settings…', group: 'View', key: ',' },
];

it('the page’s actions stand in the menu under their names and keys, and are done by the page', () => {
  const run: string[] = [];
  const items = pageItems(COMMANDS, 'Run', (id) => run.push(id), false);
  expect(items).toMatchObject([
    // shown, not taken: a letter typed into a field must arrive there
    { id: 'page-sleep', type: 'checkbox', checked: false, accelerator: 'S', registerAccelerator: false },
    { id: 'page-restart', label: 'Restart', enabled: false },
  ]);
  // cast: click takes what Electron gives, which none of it needs
  (items[0]!.click as () => void)();
  expect(run).toEqual(['sleep']);
  expect(pageItems([], 'Run', () => {})).toEqual([]);
});

it('on macOS, where a shortcut that is shown is also taken, it is only said', () => {
  const [item] = pageItems(COMMANDS, 'View', () => {}, true);
  expect(item).toMatchObject({ label: 'Settings… (,)' });
  expect(item).not.toHaveProperty('accelerator');
});
