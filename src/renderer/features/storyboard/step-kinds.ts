/** The kinds of scenario steps, with the fields a new one gets. */
import type { ScenarioStep } from '../../../shared/scenario/schema.ts';
import type { TrackId } from '../../../shared/storyboard/board.ts';
import type { FieldValue } from '../../../shared/storyboard/edits.ts';
import type { IconName } from '../../ui/icons.ts';

export interface StepKind {
  do: ScenarioStep['do'];
  label: string;
  what: string;
  track: TrackId;
  icon: IconName;
  /** What the step has beside its time and its kind. */
  fields: Record<string, FieldValue>;
  /** Only the embedded server can do it. */
  embeddedOnly?: true;
}

export const STEP_KINDS: readonly StepKind[] = [
  { do: 'fault', label: 'Fault', what: 'Presets, faults or policies are put on the path, and come off again.', track: 'path', icon: 'fault', fields: { via: 'idle-timeout:after=10s', for: '20s' } },
  { do: 'clear', label: 'Clear', what: 'Faults come off the path: one by its name, or all.', track: 'path', icon: 'clear', fields: {} },
  { do: 'sleep', label: 'Sleep', what: 'The clients freeze: nothing is read, written or timed.', track: 'clients', icon: 'moon', fields: { for: '10s' } },
  { do: 'offline', label: 'Offline', what: 'Open connections carry nothing, new ones fail at once.', track: 'clients', icon: 'off', fields: { for: '10s' } },
  { do: 'cut', label: 'Cut', what: 'Every open connection is ended.', track: 'clients', icon: 'cut', fields: {} },
  { do: 'restart-server', label: 'Restart', what: 'The server drains, tells everyone, and is back on the same port.', track: 'server', icon: 'restart', fields: {}, embeddedOnly: true },
  { do: 'kill-server', label: 'Kill', what: 'Connections are reset and the port is closed for a while.', track: 'server', icon: 'kill', fields: { for: '5s' }, embeddedOnly: true },
  { do: 'lose-log', label: 'Lose log', what: 'Another epoch of the log, and numbers from 1 again.', track: 'server', icon: 'lose', fields: {}, embeddedOnly: true },
  { do: 'publish', label: 'Publish', what: 'One event, or several, so often.', track: 'events', icon: 'publish', fields: { data: 'hello' } },
  { do: 'set', label: 'Set', what: 'Heartbeat, workload, rate, pongs or the path change in place.', track: 'settings', icon: 'settings', fields: { heartbeat: '5s' } },
]; // prettier-ignore

export const stepKindOf = (what: ScenarioStep['do']): StepKind => STEP_KINDS.find((kind) => kind.do === what)!;

export const NEEDS_EMBEDDED_SERVER = 'This scenario has a target: its server is not ours to command.';
