import type { EngineInfo } from '../shared/api.ts';
import { Failure } from '../shared/failure.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { targetProblems } from '../shared/target-check.ts';
import { badTarget } from './library/library.ts';

/** @throws Failure with the first thing that keeps a run from being started so */
export function checkRunConfig(config: RunConfig, dialects: EngineInfo['dialects']): void {
  if (config.target.kind === 'embedded') return;
  if (config.timeScale !== 1) {
    throw new Failure({
      code: 'scaled-remote',
      message: 'Time cannot be scaled for a remote target: its own timers would not follow.',
      hint: 'Use a time scale of 1, or the embedded server.',
      place: '--time-scale',
      exit: 2,
    });
  }
  const hasLaneUrl = config.lanes.some((lane) => lane.url !== undefined);
  const [problem] = targetProblems(config.target, dialects).filter((p) => !(hasLaneUrl && p.field === 'base'));
  if (problem) throw badTarget(problem);
}
