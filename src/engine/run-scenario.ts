import type { Clock } from '../shared/clock.ts';
import type { Observation } from '../shared/observation.ts';
import { Lab } from './lab.ts';
import type { EndpointHost } from './run/run-endpoint.ts';
import type { Plan } from './scenario/plan.ts';
import type { ScenarioResult } from './scenario/player.ts';

export type { ScenarioResult };

export interface RunScenarioOptions {
  version: string;
  /** Wins over the file's. */
  seed?: number;
  record?: string | null;
  onObservation?: (o: Observation) => void;
  /** Ends the run early; what was expected is still checked. */
  signal?: AbortSignal;
  /** What its target is lent, where it is elsewhere. */
  endpointHost?: EndpointHost;
  /** For tests: the clock of a run at a scale. */
  clock?: (scale: number) => Clock;
}

/** Plays a scenario in a lab of its own. @throws Failure when it cannot start */
export async function runScenario(plan: Plan, options: RunScenarioOptions): Promise<ScenarioResult> {
  const lab = new Lab({
    host: 'cli',
    version: options.version,
    dataDir: null,
    record: options.record ?? null,
    wire: false,
    ...(plan.dialect ? { dialect: plan.dialect } : {}),
    ...(options.endpointHost ? { endpointHost: options.endpointHost } : {}),
    ...(options.clock ? { clock: options.clock } : {}),
  });
  if (options.onObservation) lab.listen(options.onObservation);
  try {
    const { seed, signal } = options;
    const playback = await lab.play(plan, { ...(seed === undefined ? {} : { seed }) });
    const stop = (): void => playback.stop();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    return await playback.ended;
  } finally {
    await lab.close();
  }
}
