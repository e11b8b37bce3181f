/** What steps are called: on the board, in a sentence, for those who listen. */
import type { FaultInfo } from '../../../shared/path/params.ts';
import type { PresetInfo } from '../../../shared/path/presets/preset.ts';
import { parseVia } from '../../../shared/path/text.ts';
import type { ScenarioStep } from '../../../shared/scenario/schema.ts';
import type { TrackItem, TrackId } from '../../../shared/storyboard/board.ts';
import { settingLabel } from '../../labels/setting.ts';
import { durationLabel } from '../../ui/duration-label.ts';

export const TRACK_NAME: Record<TrackId, string> = {
  path: 'Path',
  clients: 'Clients',
  server: 'Server',
  events: 'Events',
  settings: 'Settings',
};

/** What names stand for; what the engine has not listed yet keeps its id. */
export interface KnownNames {
  faults: readonly FaultInfo[];
  presets: readonly PresetInfo[];
}

/** `idle-timeout:after=10s` → `Idle limit 10s`; a preset by its label; several by a plus. */
function viaLabel(via: string, { faults, presets }: KnownNames): string {
  const parts = parseVia(via).map(({ name, params }) => {
    const label = (faults.find((f) => f.id === name) ?? presets.find((p) => p.id === name))?.label ?? name;
    return [label, Object.values(params).slice(0, 2).join(', ')].filter(Boolean).join(' ');
  });
  return parts.join(' + ');
}

/** What stands on its bar. */
export function itemLabel(item: TrackItem, names: KnownNames): string {
  if (item.part === 'path') return viaLabel(item.value!, names);
  if (item.setting !== null) return capitalised(settingLabel(item.setting).phrase);
  return stepLabel(item.is!, names);
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function stepLabel(step: ScenarioStep, names: KnownNames): string {
  switch (step.do) {
    case 'fault':
      return viaLabel(step.via, names);
    case 'clear':
      return step.via === undefined ? 'Clear the path' : `Clear ${viaLabel(step.via, names)}`;
    case 'sleep':
      return `${step.timers === 'throttled' ? 'Background tab' : 'Sleep'} ${durationLabel(step.for)}${step.lane === undefined ? '' : `, ${step.lane}`}`;
    case 'offline':
      return step.for === undefined ? 'Offline' : `Offline ${durationLabel(step.for)}`;
    case 'cut':
      return step.end === 'fin' ? 'Cut, FIN' : 'Cut';
    case 'restart-server':
      return 'Restart';
    case 'kill-server':
      return `Kill ${durationLabel(step.for ?? 5000)}`;
    case 'lose-log':
      return 'Lose the log';
    case 'publish': {
      const what = step.type ?? (step.data !== undefined && !/^[{[]/.test(step.data) ? truncated(step.data) : 'event');
      return `${(step.count ?? 1) > 1 ? `${step.count} × ` : ''}${what}${step.final ? ', final' : ''}`;
    }
    case 'set':
      return 'Set nothing';
  }
}

const truncated = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** As one who listens hears it: `Fault Idle limit 10s from 10 s for 20 s`. */
export function itemAriaLabel(item: TrackItem, names: KnownNames, durationMs: number): string {
  const what = itemLabel(item, names);
  const kind = item.is?.do === 'fault' ? `Fault ${what}` : item.is?.do === 'publish' ? `Publish ${what}` : what;
  const from = item.step === null ? 'from the beginning' : item.end === null ? `at ${durationLabel(item.at)}` : `from ${durationLabel(item.at)}`; // prettier-ignore
  if (item.end === null) return `${kind} ${from}`;
  if (item.open) return `${kind} ${from} ${item.end >= durationMs ? 'to the end' : `until ${durationLabel(item.end)}`}`;
  return `${kind} ${from} for ${durationLabel(item.end - item.at)}`;
}
