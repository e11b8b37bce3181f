import { computed, type ComputedRef } from 'vue';
import type { FigureWindow } from '../model/figure-history.ts';
import type { IconName } from '../ui/icons.ts';
import { useLive } from './live.ts';
import { useSettings } from './settings.ts';
import { METHOD_LABEL, METHODS } from '../../shared/catalog.ts';
import { useLaneOrders } from './lane-orders.ts';
import { useSight } from './sight.ts';
import { useUi } from './ui.ts';
import { clockFine, limit } from '../ui/format.ts';
import { themeNow, toggleTheme } from './theme.ts';

/** One thing a person can do, wherever it is offered: action bar, palette, key. */
export interface Command {
  id: string;
  label: string;
  group: 'Run' | 'Settings' | 'View';
  icon?: IconName;
  key?: string;
  /** It is on: a switch, pressed. */
  on?: boolean;
  /** Why it cannot be done now; undefined when it can. */
  blocked?: string;
  run: () => void;
}

/** The stretches of a run that figures can be about. */
export const FIGURE_WINDOWS: readonly { id: FigureWindow; label: string }[] = [
  { id: 'all', label: 'whole run' },
  { id: 'minute', label: 'last minute' },
  { id: 'ten-minutes', label: 'last 10 min' },
  { id: 'change', label: 'since the last change' },
  { id: 'reset', label: 'since the reset' },
];

const KILL_DOWN_MS = 5000;
const BACKGROUND_MS = 300_000;

/** Everything a person can do to the run and the page. */
export function useCommands(): ComputedRef<Command[]> {
  const live = useLive();
  const settings = useSettings();
  const ui = useUi();
  const sight = useSight();
  const orders = useLaneOrders();
  const dismissHint = (): void => void (settings.coached = true);

  const sleep = (ms: number): void => {
    dismissHint();
    void live.call((api) => api.sleep({ ms, timers: settings.timers }));
  };

  const resetFigures = (): void => {
    live.run?.resetFigures(live.now());
    settings.figures = 'reset';
  };

  return computed<Command[]>(() => {
    const lost = live.link === 'live' ? undefined : 'The engine is not connected.';
    const notEmbedded = lost ?? (live.embedded ? undefined : 'This server is not ours.');
    const asleep = live.asleepUntil !== null;
    const blocked = (why: string | undefined): { blocked?: string } => (why === undefined ? {} : { blocked: why });
    return [
      {
        id: 'sleep',
        label: asleep ? 'Wake up' : `Sleep ${limit(settings.sleepMs)}`,
        group: 'Run',
        icon: 'moon',
        key: 'S',
        on: asleep,
        ...blocked(lost),
        run: () => (asleep ? void live.call((api) => api.wake()) : sleep(settings.sleepMs)),
      },
      {
        id: 'offline',
        label: live.offline ? 'Go online' : 'Go offline',
        group: 'Run',
        icon: 'off',
        key: 'O',
        on: live.offline,
        ...blocked(lost),
        run: () => void live.call((api) => api.setOffline({ offline: !live.offline })),
      },
      {
        id: 'cut-all',
        label: 'Cut all connections now',
        group: 'Run',
        icon: 'cut',
        key: 'X',
        ...blocked(lost),
        run: () => {
          dismissHint();
          void live.call((api) => api.cutAll({ end: 'rst' }));
        },
      },
      {
        id: 'cut-fin',
        label: 'Cut all, politely (FIN)',
        group: 'Run',
        icon: 'cut',
        ...blocked(lost),
        run: () => void live.call((api) => api.cutAll({ end: 'fin' })),
      },
      {
        id: 'restart',
        label: 'Restart the server (drain)',
        group: 'Run',
        icon: 'restart',
        key: 'R',
        ...blocked(notEmbedded),
        run: () => void live.call((api) => api.restartServer()),
      },
      {
        id: 'kill-server',
        label: `Kill the server for ${limit(KILL_DOWN_MS)}`,
        group: 'Run',
        ...blocked(notEmbedded),
        run: () => void live.call((api) => api.killServer({ downMs: KILL_DOWN_MS })),
      },
      {
        id: 'lose-log',
        label: 'Lose the log (a new epoch)',
        group: 'Run',
        ...blocked(notEmbedded),
        run: () => void live.call((api) => api.loseLog()),
      },
      {
        id: 'mute-pongs',
        label: live.pongs ? 'Mute pongs' : 'Answer pings again',
        group: 'Run',
        icon: 'mute',
        key: 'M',
        on: !live.pongs,
        ...blocked(lost),
        run: () => void live.call((api) => api.setPongs({ on: !live.pongs })),
      },
      {
        id: 'background-tab',
        label: `Slow the clients’ timers for ${limit(BACKGROUND_MS)}, as in a background tab`,
        group: 'Run',
        ...blocked(lost),
        run: () => void live.call((api) => api.sleep({ ms: BACKGROUND_MS, timers: 'throttled' })),
      },
      ...[10_000, 30_000, 60_000].map((ms): Command => ({
        id: `sleep-${ms / 1000}`,
        label: `Sleep the clients for ${limit(ms)}`,
        group: 'Run',
        ...blocked(lost),
        run: () => sleep(ms),
      })),
      {
        id: 'record',
        label: live.recording ? 'Stop recording' : 'Record this run',
        group: 'Run',
        on: live.recording !== null,
        ...blocked(lost),
        run: () => void toggleRecording(),
      },
      {
        id: 'restart-run',
        label: 'Start the run afresh',
        group: 'Run',
        ...blocked(lost),
        run: () => void live.call((api) => api.restartRun({})),
      },
      ...(live.scenario && live.scenario.endedAt === null
        ? [
            {
              id: 'stop-scenario',
              label: `Stop the scenario “${live.scenario.name}”`,
              group: 'Run' as const,
              ...blocked(lost),
              run: () => void live.call((api) => api.stopScenario()),
            },
          ]
        : []),
      { id: 'target', label: 'Choose a target…', group: 'Settings', ...blocked(lost), run: () => ui.open('target') },
      { id: 'path', label: 'Pick a path…', group: 'Settings', key: 'P', ...blocked(lost), run: () => ui.open('path') },
      {
        id: 'path-direct',
        label: 'Path: direct',
        group: 'Settings',
        ...blocked(lost),
        run: () => void live.call((api) => api.setPath({ path: [] })),
      },
      ...[null, 5000, 10_000, 15_000, 30_000].map((everyMs): Command => ({
        id: `heartbeat-${everyMs ?? 'off'}`,
        label: everyMs === null ? 'Heartbeat off' : `Heartbeat every ${limit(everyMs)}`,
        group: 'Settings',
        ...blocked(notEmbedded),
        run: () => void live.call((api) => api.setHeartbeat({ everyMs })),
      })),
      {
        id: 'workload',
        label: 'Choose a workload…',
        group: 'Settings',
        ...blocked(notEmbedded),
        run: () => ui.open('workload'),
      },
      { id: 'view-live', label: 'Live', group: 'View', key: '1', run: () => void (ui.view = 'live') },
      { id: 'view-path', label: 'Paths', group: 'View', key: '2', run: () => ui.showPath('paths') },
      { id: 'view-storyboard', label: 'Storyboard', group: 'View', key: '3', run: () => ui.showPath('storyboard') },
      { id: 'view-endpoints', label: 'Endpoints', group: 'View', key: '7', run: () => void (ui.view = 'endpoints') },
      { id: 'view-storm', label: 'Reconnect storm', group: 'View', key: '9', run: () => void (ui.view = 'storm') },
      {
        id: 'freeze',
        label: live.frozenAt === null ? 'Freeze the view' : 'Let the view go on',
        group: 'View',
        key: 'Space',
        on: live.frozenAt !== null,
        run: live.toggleFreeze,
      },
      { id: 'follow', label: 'Follow now', group: 'View', key: 'F', run: sight.follow },
      { id: 'jump', label: 'Jump to a time…', group: 'View', key: 'G', run: () => void (sight.jumping = true) },
      {
        id: 'zoom-selection',
        label: 'Zoom to the selection',
        group: 'View',
        key: 'Z',
        ...blocked(sight.selection ? undefined : 'Nothing is selected: drag over the ribbons.'),
        run: sight.zoomToSelection,
      },
      { id: 'whole-run', label: 'Show the whole run', group: 'View', key: '0', run: sight.showWholeRun },
      { id: 'pin', label: 'Pin this moment', group: 'View', key: 'N', run: sight.togglePin },
      ...sight.pins.map((pin): Command => ({
        id: `pin-${pin}`,
        label: `Go to the pin at ${clockFine(pin - (live.run?.startedAt ?? 0), 1)}`,
        group: 'View',
        run: () => sight.show(pin),
      })),
      { id: 'sheet', label: 'Marks and keys', group: 'View', key: '?', run: () => ui.open('sheet') },
      { id: 'drop-previous', label: 'The drop before', group: 'View', key: '[', run: () => sight.stepDrop(-1) },
      { id: 'drop-next', label: 'The next drop', group: 'View', key: ']', run: () => sight.stepDrop(1) },
      ...METHODS.map((method): Command => ({
        id: `add-${method}`,
        label: `Add a lane: ${METHOD_LABEL[method]}`,
        group: 'Run',
        ...blocked(lost),
        run: () => void orders.add(method),
      })),
      ...FIGURE_WINDOWS.filter(({ id }) => id !== 'reset').map(({ id, label }): Command => ({
        id: `figures-${id}`,
        label: `Figures: ${label}`,
        group: 'View',
        run: () => void (settings.figures = id),
      })),
      { id: 'figures-reset', label: 'Reset the figures', group: 'View', run: resetFigures },
      {
        id: 'theme',
        label: themeNow.value === 'dark' ? 'Light theme' : 'Dark theme',
        group: 'View',
        icon: 'theme',
        key: 'T',
        run: toggleTheme,
      },
      { id: 'palette', label: 'Search or run…', group: 'View', key: 'Ctrl+K', run: () => ui.open('palette') },
      { id: 'settings', label: 'Settings…', group: 'View', key: ',', run: () => ui.open('settings') },
      {
        id: 'theme-system',
        label: 'Theme as the system has it',
        group: 'View',
        run: () => void (settings.theme = 'system'),
      },
      ...[15, 60, 300, 600].map((s): Command => ({
        id: `window-${s}`,
        label: `Show the last ${s < 120 ? `${s} s` : `${s / 60} min`}`,
        group: 'View',
        run: () => void (settings.windowMs = s * 1000),
      })),
    ];
  });

  async function toggleRecording(): Promise<void> {
    if (live.recording) {
      const stopped = await live.call((api) => api.stopRecording());
      if (stopped) {
        live.setRecording(null);
        live.lastRecording = stopped;
      }
    } else {
      const started = await live.call((api) => api.startRecording({ file: null }));
      if (started) live.setRecording({ file: started.file, bytes: 0, since: live.now() });
    }
  }
}
