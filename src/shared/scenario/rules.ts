/** Rules of a scenario that span several keys. */
import { nearest } from '../nearest.ts';
import { isPerRun } from './measures.ts';
import type { ScenarioProblem } from './problems.ts';
import { laneIds, type Scenario, type ScenarioStep } from './schema.ts';

/** What only the embedded server can do. */
const EMBEDDED_ONLY_STEPS: readonly ScenarioStep['do'][] = ['restart-server', 'kill-server', 'lose-log'];

export function semanticProblems(s: Scenario): ScenarioProblem[] {
  const problems: ScenarioProblem[] = [];
  const add = (path: ScenarioProblem['path'], message: string, hint?: string): void =>
    void problems.push({ path, message, ...(hint === undefined ? {} : { hint }) });
  const ids = laneIds(s.lanes);
  const knownLane = (path: ScenarioProblem['path'], id: string): void => {
    if (ids.includes(id)) return;
    const near = nearest(id, ids);
    add(path, `There is no lane "${id}".`, near ? `Did you mean ${near}?` : `The lanes are ${ids.join(', ')}.`);
  };
  if (s.server && s.target) add(['target'], 'A run has a server of its own or a target, not both.', 'Leave one out.');
  if (s.target && (s.timeScale ?? 1) !== 1) {
    add(
      ['timeScale'],
      'Time cannot be scaled for a remote target: its own timers would not follow.',
      'Leave timeScale out, or follow the embedded server.',
    );
  }
  if (s.target && !s.target.endpoint && !s.target.base && !s.target.urls && s.lanes.some((l) => l.url === undefined)) {
    add(['target'], 'There is nothing to follow yet.', 'Give base, urls, or a url for each lane.');
  }
  s.lanes.forEach((l, i) => {
    if (l.url !== undefined && !s.target) {
      add(['lanes', i, 'url'], 'The embedded server has its own URLs.', 'Leave url out, or say target: too.');
    }
  });
  s.schedule?.forEach((entry, i) => {
    const here = ['schedule', i] as const;
    if (entry.at >= s.duration) add([...here, 'at'], 'It would happen after the end.', 'Make duration longer.');
    if (s.target && EMBEDDED_ONLY_STEPS.includes(entry.do)) {
      add([...here, 'do'], `${entry.do} needs the embedded server.`, 'Leave target out.');
    }
    if (entry.do === 'sleep' && entry.lane !== undefined) knownLane([...here, 'lane'], entry.lane);
    if (entry.do === 'set') {
      const { heartbeat, workload, rate, pongs, path } = entry;
      if ([heartbeat, workload, rate, pongs, path].every((x) => x === undefined)) {
        add(here, 'There is nothing to set.', 'Give heartbeat, workload, rate, pongs or path.');
      }
      if (s.target && (heartbeat !== undefined || workload !== undefined || rate !== undefined)) {
        add(here, 'Heartbeat, workload and rate belong to the embedded server.', 'Leave target out.');
      }
    }
  });
  s.expect?.forEach((e, i) => {
    for (const id of e.lanes ?? []) knownLane(['expect', i], id);
    if (e.lanes && isPerRun(e.check.measure)) {
      add(['expect', i], `${e.check.measure} is one figure for the whole run.`, 'Leave the lane out.');
    }
    if (e.check.measure === 'latency' && (s.timeScale ?? 1) !== 1) {
      add(['expect', i], 'Latency is not known while time is scaled.', 'Set timeScale to 1.');
    }
  });
  return problems;
}
