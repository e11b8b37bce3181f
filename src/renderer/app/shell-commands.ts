import { watch, type Ref } from 'vue';
import type { ShellCommand } from '../../shared/shell.ts';
import type { Command } from '../stores/commands.ts';
import { useShell } from '../stores/shell.ts';

/** The same actions that the palette and the keys have, for the menu of the system. */
export function useShellCommands(commands: Ref<Command[]>): void {
  const shell = useShell();
  const forShell = ({ id, label, group, key, on, blocked }: Command): ShellCommand => ({
    id,
    label,
    group,
    ...(key !== undefined && { key }),
    ...(on !== undefined && { on }),
    ...(blocked !== undefined && { blocked }),
  });
  watch(commands, (all) => shell.offer(all.map(forShell)), { immediate: true });
  shell.runs((id) => {
    const command = commands.value.find((c) => c.id === id);
    if (command && command.blocked === undefined) command.run();
  });
}
