/** A drop as a scenario that makes it again: the lane, the path, and what was done to them. */
import { formatDuration } from '../../../../shared/duration.ts';
import type { LaneClient, RunConfig } from '../../../../shared/run-config.ts';
import { formatYamlValue } from '../../../../shared/yaml/format-value.ts';
import { dropLabel } from '../../../labels/drop.ts';
import type { DropMark } from '../../../model/lane-marks.ts';
import type { LaneModel } from '../../../model/lane-model.ts';

/** The step of a schedule that brings a cause about; the others follow from path and silence. */
const STEP_OF: Partial<Record<NonNullable<DropMark['cause']>, string>> = {
  cut: 'cut',
  restart: 'restart-server',
  kill: 'kill-server',
};

/** @param via the path of that time, as typed */
export function dropScenario(lane: LaneModel, drop: DropMark, via: readonly string[], config: RunConfig): string {
  const span = Math.max(drop.age ?? 0, drop.silence, 1000);
  const at = Math.ceil(Math.min(span, 600_000) / 1000) * 1000;
  const value = (of: unknown): string => formatYamlValue(of);
  const { target } = config;
  const lines = [`name: ${value(`${lane.label}: ${dropLabel(drop, lane.method)}`)}`];
  if (target.kind === 'remote') {
    const { base, urls, channel, dialect } = target;
    lines.push(`target: ${value({ ...(base === null ? { urls } : { base }), channel, dialect })}`);
  } else {
    const { workload, heartbeatMs, holdMs } = config;
    const heartbeat = heartbeatMs === null ? 'off' : formatDuration(heartbeatMs);
    lines.push(`server: ${value({ workload: workload.name, heartbeat, hold: formatDuration(holdMs) })}`);
  }
  lines.push(`lanes: [${value({ method: lane.method, ...laneKeys(lane.client) })}]`);
  if (via.length > 0) lines.push(`path: ${value([...via])}`);
  const step = drop.cause === undefined ? undefined : STEP_OF[drop.cause];
  if (step !== undefined) lines.push(`schedule: [${value({ at: formatDuration(at), do: step })}]`);
  if (drop.cause === 'offline')
    lines.push(`schedule: [${value({ at: formatDuration(at), do: 'offline', for: '5s' })}]`);
  if (drop.cause === 'client-sleep')
    lines.push(`schedule: [${value({ at: '1s', do: 'sleep', for: formatDuration(at) })}]`);
  lines.push(`duration: ${formatDuration(at + 20_000)}`, `expect: [drops == 0]`);
  return `${lines.join('\n')}\n`;
}

function laneKeys(client: LaneClient): Record<string, string> {
  const { holdMs, pingMs, deadAfter } = client;
  return {
    ...(holdMs === undefined ? {} : { hold: formatDuration(holdMs) }),
    ...(pingMs == null ? {} : { ping: formatDuration(pingMs) }),
    ...(typeof deadAfter === 'number' ? { deadAfter: formatDuration(deadAfter) } : {}),
  };
}
