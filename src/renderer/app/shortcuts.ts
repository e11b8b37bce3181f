import { onBeforeUnmount, onMounted, type Ref } from 'vue';
import { useUi } from '../stores/ui.ts';
import type { Command } from '../stores/commands.ts';

/** Runs a command by its key, unless somebody is typing or something floats above the page. */
export function useShortcuts(commands: Ref<Command[]>): void {
  const ui = useUi();
  const onKey = (e: KeyboardEvent): void => {
    if ((e.ctrlKey || e.metaKey) && !e.shiftKey && !e.altKey && e.key.toLowerCase() === 'k') {
      e.preventDefault();
      ui.opened = ui.opened === 'palette' ? null : 'palette';
      return;
    }
    if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.repeat || ui.opened !== null) return;
    if (isTyping(e.target) || (e.key === ' ' && isPressable(e.target))) return;
    const key = e.key === ' ' ? 'Space' : e.key.toUpperCase();
    const command = commands.value.find((c) => c.key === key);
    if (!command || command.blocked !== undefined) return;
    e.preventDefault();
    command.run();
  };
  onMounted(() => window.addEventListener('keydown', onKey));
  onBeforeUnmount(() => window.removeEventListener('keydown', onKey));
}

function isTyping(target: EventTarget | null): boolean {
  // cast: key events go to elements
  const el = target as HTMLElement | null;
  if (!el?.closest) return false;
  return el.isContentEditable || el.closest('input, textarea, select, [role="menu"], [role="dialog"]') !== null;
}

/** Space presses a focused button; it must not also freeze the view. */
const isPressable = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('button, [role="tab"], a, summary') !== null;
