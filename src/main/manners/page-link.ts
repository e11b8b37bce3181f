import { MessageChannelMain, type MessagePortMain } from 'electron';
import { fieldOf, isRecord } from '../../shared/guards.ts';
import type { FromShell, ShellCommand } from '../../shared/shell.ts';

const MAX_COMMANDS = 500;

/** The page's actions for the menu, and its choices; one page at a time. */
export class PageLink {
  #port: MessagePortMain | null = null;
  #commands: ShellCommand[] = [];
  readonly #onCommands: () => void;
  readonly #onChoose: (choices: unknown) => void;

  constructor(onCommands: () => void, onChoose: (choices: unknown) => void) {
    this.#onCommands = onCommands;
    this.#onChoose = onChoose;
  }

  /** What the page can do now; empty while there is no page. */
  get commands(): readonly ShellCommand[] {
    return this.#commands;
  }

  /** @returns the page's end of a new link; the one before ends */
  connect(): MessagePortMain {
    this.#port?.close();
    const { port1, port2 } = new MessageChannelMain();
    this.#port = port1;
    port1.on('message', ({ data }) => this.#take(data));
    port1.on('close', () => {
      if (this.#port !== port1) return;
      this.#port = null;
      this.#commands = [];
      this.#onCommands();
    });
    port1.start();
    return port2;
  }

  tell(message: FromShell): void {
    this.#port?.postMessage(message);
  }

  #take(data: unknown): void {
    const choose = fieldOf(data, 'choose');
    if (choose !== undefined) this.#onChoose(choose);
    const commands = fieldOf(data, 'commands');
    if (!Array.isArray(commands)) return;
    this.#commands = commands.slice(0, MAX_COMMANDS).flatMap(commandOf);
    this.#onCommands();
  }
}

function commandOf(data: unknown): ShellCommand[] {
  if (!isRecord(data)) return [];
  const { id, label, group, key, on, blocked } = data;
  if (typeof id !== 'string' || typeof label !== 'string' || typeof group !== 'string') return [];
  return [
    {
      id,
      label,
      group,
      ...(typeof key === 'string' && { key }),
      ...(typeof on === 'boolean' && { on }),
      ...(typeof blocked === 'string' && { blocked }),
    },
  ];
}
