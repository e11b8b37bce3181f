import { defineStore } from 'pinia';
import { reactive, toRefs, watch } from 'vue';
import type { FigureWindow } from '../model/figure-history.ts';

export interface Settings {
  theme: 'system' | 'dark' | 'light';
  /** Milliseconds of ribbon in sight. */
  windowMs: number;
  /** Pixels of drawer; null is the design's own. */
  drawer: number | null;
  leftTab: 'events' | 'wire';
  rightTab: 'ledger' | 'server';
  /** The tab shown when the window is narrow. */
  tab: 'events' | 'wire' | 'ledger' | 'server';
  sleepMs: number;
  timers: 'fire' | 'resume';
  coached: boolean;
  /** The stretch of the run that the lanes' figures are about. */
  figures: FigureWindow;
}

const KEY = 'heartline.settings';
const DEFAULT: Settings = {
  theme: 'system',
  windowMs: 60_000,
  drawer: null,
  leftTab: 'events',
  rightTab: 'ledger',
  tab: 'events',
  sleepMs: 10_000,
  timers: 'fire',
  coached: false,
  figures: 'all',
};

/** What a person chose about the page itself; kept between runs, and harmless to lose. */
export const useSettings = defineStore('settings', () => {
  const settings = reactive<Settings>({ ...DEFAULT, ...readStored() });
  watch(settings, (now) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(now));
    } catch {
      // A full or forbidden store costs only the memory of these choices.
    }
  });
  return toRefs(settings);
});

function readStored(): Partial<Settings> {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(
      Object.entries(stored).filter(([key, value]) => {
        // cast: undefined where it is no key
        const fallback = DEFAULT[key as keyof Settings];
        return Object.hasOwn(DEFAULT, key) && (fallback === null || typeof value === typeof fallback);
      }),
    );
  } catch {
    return {};
  }
}
