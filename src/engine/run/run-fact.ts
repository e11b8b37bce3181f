import { spellPath } from '../../shared/path/describe.ts';
import type { RunFact } from '../../shared/observation.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { redactUrl } from '../../shared/redact.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { LaneUrl } from './lane-roster.ts';

interface StartedRun {
  version: string;
  config: RunConfig;
  dialect: Dialect;
  channel: string;
  /** The embedded server's; null for a remote target. */
  serverUrl: string | null;
  lanes: readonly LaneUrl[];
  start: string | null;
}

/** The record that begins a run: all that is needed to repeat it. */
export function runFact({ version, config, dialect, channel, serverUrl, lanes, start }: StartedRun): RunFact {
  const { target, workload, seed, timeScale, heartbeatMs, pollMs, holdMs, backoff } = config;
  const remote = target.kind === 'remote';
  const base = remote ? target.base : serverUrl;
  return {
    type: 'run',
    version,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    seed,
    timeScale,
    target: {
      kind: target.kind,
      name: remote ? target.name : 'Embedded server',
      dialect: dialect.name,
      dense: dialect.ids.kind === 'dense',
      base: base === null ? null : redactUrl(base),
      ...(remote && target.tls?.insecure ? { insecure: true } : {}),
      ...(remote && target.proxy !== undefined ? { proxy: redactUrl(target.proxy) } : {}),
    },
    channel,
    start,
    lanes: lanes.map((l) => ({ ...l, url: redactUrl(l.url) })),
    via: spellPath(config.path),
    workload: remote ? null : { ...workload },
    heartbeatMs,
    pollMs,
    holdMs,
    backoff,
  };
}
