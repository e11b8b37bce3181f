/** What the page and the desktop shell around it tell each other, beside the engine: actions for the menu, and choices. */

/** One of the page's actions, as the menu of the system shows it. */
export interface ShellCommand {
  id: string;
  label: string;
  group: string;
  key?: string;
  on?: boolean;
  blocked?: string;
}

/** What a person can be told of while they look elsewhere. */
export const TELLABLE = ['drops', 'gaps', 'recovered'] as const;
export type Tellable = (typeof TELLABLE)[number];

/** Times of the day, `HH:MM`; from a later one to an earlier one is over midnight. */
export interface QuietHours {
  from: string;
  to: string;
}

/** What the desktop app does beside its window. Nothing of it is on unless somebody chose it. */
export interface ShellChoices {
  notify: Record<Tellable, boolean>;
  quiet: QuietHours | null;
  /** Closing the window leaves the app running, with its icon in the tray. */
  keepInTray: boolean;
  startAtLogin: boolean;
}

export const DEFAULT_CHOICES: ShellChoices = {
  notify: { drops: false, gaps: false, recovered: false },
  quiet: null,
  keepInTray: false,
  startAtLogin: false,
};

export interface ShellState {
  choices: ShellChoices;
  /** Why a choice cannot act on this machine. */
  cannot: { notify?: string; keepInTray?: string; startAtLogin?: string };
  /** Why the last change was not made; null when it was. */
  refused: string | null;
}

export type ToShell = { commands: ShellCommand[] } | { choose: Partial<ShellChoices> };
export type FromShell = { run: string } | { state: ShellState };

export const isTimeOfDay = (text: unknown): text is string =>
  typeof text === 'string' && /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
