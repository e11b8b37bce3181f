import { codeOf, messageOf } from '../shared/failure.ts';
import { fieldOf, isRecord } from '../shared/guards.ts';
import { readFileSync, renameSync } from 'node:fs';
import { DEFAULT_CHOICES, type ShellChoices } from '../shared/shell.ts';
import { writeWhole } from '../engine/files/whole-file.ts';
import { readChoices } from './manners/choices.ts';
import { UPDATE_CHOICES, type UpdateChoice } from './updates/update-choice.ts';
import type { WindowBounds } from './window-bounds.ts';

export const THEMES = ['system', 'dark', 'light'] as const;
export type Theme = (typeof THEMES)[number];

/** What the desktop shell remembers between starts. */
export interface Settings {
  window: WindowBounds | null;
  theme: Theme;
  /** Whether the program asks by itself for new versions. */
  updates: UpdateChoice;
  /** What was told once, by name, and need not be told again. */
  told: string[];
  /** What the app does beside its window. */
  desktop: ShellChoices;
}

const DEFAULT_SETTINGS: Settings = {
  window: null,
  theme: 'system',
  updates: 'off',
  told: [],
  desktop: DEFAULT_CHOICES,
};

/**
 * @returns the settings, and a sentence for people when the file could not be used: it is then kept beside, under another
 * name, and the program goes on with fresh ones.
 */
export function readSettings(file: string): { settings: Settings; problem: string | null } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const missing = codeOf(error) === 'ENOENT';
    return {
      settings: DEFAULT_SETTINGS,
      problem: missing ? null : `${file} cannot be read: ${messageOf(error)}`,
    };
  }
  try {
    return { settings: parse(JSON.parse(text)), problem: null };
  } catch (error) {
    const kept = file.replace(/\.json$/, '') + '.broken.json';
    const why = messageOf(error);
    try {
      renameSync(file, kept);
      return {
        settings: DEFAULT_SETTINGS,
        problem: `The settings were not understood (${why}). They are kept in ${kept}.`,
      };
    } catch {
      return { settings: DEFAULT_SETTINGS, problem: `The settings in ${file} were not understood (${why}).` };
    }
  }
}

/** Whole or not at all: a crash half way leaves the old file. */
export function writeSettings(file: string, settings: Settings): void {
  writeWhole(file, `${JSON.stringify(settings, null, 2)}\n`);
}

function parse(data: unknown): Settings {
  if (!isRecord(data)) throw new Error('not an object');
  const {
    window = null,
    theme = DEFAULT_SETTINGS.theme,
    updates = DEFAULT_SETTINGS.updates,
    told = [],
    desktop = {},
  } = data;
  if (!Array.isArray(told) || told.some((one) => typeof one !== 'string'))
    throw new Error('told is not a list of names');
  return {
    window: window === null ? null : parseBounds(window),
    theme: oneOf('theme', THEMES, theme),
    updates: oneOf('updates', UPDATE_CHOICES, updates),
    told: told.map(String),
    desktop: readChoices(desktop),
  };
}

function oneOf<T extends string>(key: string, choices: readonly T[], value: unknown): T {
  const known = choices.find((name) => name === value);
  if (!known) throw new Error(`${key} is ${JSON.stringify(value)}, not one of ${choices.join(', ')}`);
  return known;
}

function parseBounds(data: unknown): WindowBounds {
  const number = (key: string): number => {
    const value = fieldOf(data, key);
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new Error(`window.${key} is not a number`);
    return Math.round(value);
  };
  return {
    x: number('x'),
    y: number('y'),
    width: number('width'),
    height: number('height'),
    maximized: fieldOf(data, 'maximized') === true,
  };
}
