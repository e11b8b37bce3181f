import { readScenarioText } from '../../src/engine/scenario/read.ts';
import { runScenario, type RunScenarioOptions, type ScenarioResult } from '../../src/engine/run-scenario.ts';
import type { Observation, ObservationType } from '../../src/shared/observation.ts';
import { labClock } from './steady-clock.ts';

export interface Played {
  result: ScenarioResult;
  seen: Observation[];
  all<T extends ObservationType>(type: T, lane?: string): Extract<Observation, { type: T }>[];
}

/** A scenario's text, played to its end, with everything that was noted. */
export async function play(text: string, options: Partial<RunScenarioOptions> = {}): Promise<Played> {
  const read = readScenarioText(text);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const seen: Observation[] = [];
  const onObservation = (o: Observation): void => {
    seen.push(o);
    options.onObservation?.(o);
  };
  const result = await runScenario(read.plan, { version: '0.0.0-test', clock: labClock, ...options, onObservation });
  return {
    result,
    seen,
    all: <T extends ObservationType>(type: T, lane?: string) =>
      seen.filter(
        (o): o is Extract<Observation, { type: T }> => o.type === type && (lane === undefined || o.lane === lane),
      ),
  };
}

/** The checks that did not hold, with what was there instead. */
export const failed = ({ result }: Played): string[] =>
  result.checks.filter((c) => !c.passed).map((c) => `${c.lane ?? 'run'} ${c.name}: ${c.actual}`);
