import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { FromShell, ShellChoices, ShellCommand, ShellState, ToShell } from '../../shared/shell.ts';

/** The desktop shell around this page, where there is one: it shows our actions in its menu, and keeps choices of its own. */
export const useShell = defineStore('shell', () => {
  /** Null in a browser. */
  const state = shallowRef<ShellState | null>(null);
  let port: MessagePort | null = null;
  let offered: ShellCommand[] = [];
  let sent = '';
  let onRun: (id: string) => void = () => {};

  const post = (message: ToShell): void => port?.postMessage(message);

  function attach(given: MessagePort): void {
    port = given;
    sent = '';
    given.onmessage = ({ data }: MessageEvent<FromShell>) => {
      if ('run' in data) onRun(data.run);
      else state.value = data.state;
    };
    offer(offered);
  }

  /** Tells the shell which actions there are; the same ones are told once. */
  function offer(commands: ShellCommand[]): void {
    offered = commands;
    const text = JSON.stringify(commands);
    if (!port || text === sent) return;
    sent = text;
    post({ commands });
  }

  return {
    state,
    attach,
    offer,
    runs: (run: (id: string) => void): void => void (onRun = run),
    choose: (choices: Partial<ShellChoices>): void => post({ choose: choices }),
  };
});
