/** Scenarios of the pretended engine: it reads them, keeps them while the page is there, and pretends to play them. */
import type { EngineApi, SavedScenario, ScenarioCheck, ScenarioPlay } from '../../../src/shared/api.ts';
import { Failure } from '../../../src/shared/failure.ts';
import type { CheckResult } from '../../../src/shared/check-result.ts';
import type { ScenarioFact } from '../../../src/shared/observation.ts';
import { laneIds, type Scenario } from '../../../src/shared/scenario/schema.ts';
import { keyPath } from '../../../src/shared/scenario/problems.ts';
import { parseStoryboard, stepLines } from '../../../src/shared/storyboard/read.ts';

type Calls = 'checkScenario' | 'playScenario' | 'stopScenario' | 'savedScenarios' | 'saveScenario' | 'deleteScenario';

/** What it knows of names: one that begins with `no-` is none. */
export function demoCheck(text: string): ScenarioCheck {
  const { scenario, problems, syntax } = parseStoryboard(text);
  if (syntax.length > 0) return { scenario: null, problems: syntax.map((problem) => ({ key: '', ...problem })) };
  const lines = stepLines(text);
  const placed = problems.map(({ path, ...rest }) => ({
    line: (path[0] === 'schedule' && lines[path[1] as number]?.from) || 1,
    key: keyPath(path),
    ...rest,
  }));
  for (const [i, step] of (scenario?.schedule ?? []).entries()) {
    if (step.do !== 'fault' || !step.via.startsWith('no-')) continue;
    placed.push({ line: lines[i]!.from, key: `schedule[${i}].via`, message: `There is no fault "${step.via}".`, hint: 'Did you mean slice?' }); // prettier-ignore
  }
  return { scenario, problems: placed };
}

function checksOf(s: Scenario): CheckResult[] {
  return (s.expect ?? []).flatMap(
    ({ name, lanes }, i) =>
    (lanes ?? laneIds(s.lanes)).map((lane) => ({ name, lane, expected: name, actual: i === 1 ? '3' : '0', passed: i !== 1 })), // prettier-ignore
  );
}

export interface DemoStage {
  now(): number;
  after(ms: number, fn: () => void): void;
  /** Another run, with this scenario. */
  renew(play: ScenarioPlay): void;
  say(fact: ScenarioFact): void;
}

export function demoScenarios(stage: DemoStage): Pick<EngineApi, Calls> {
  let saved: SavedScenario[] = [];
  let playing: { scenario: Scenario; ended: boolean } | null = null;
  const end = (which: typeof playing, stopped: boolean): void => {
    if (!which || which.ended) return;
    which.ended = true;
    const { name, duration } = which.scenario;
    const checks = checksOf(which.scenario);
    stage.say({
      type: 'scenario',
      phase: 'end',
      name,
      duration,
      stopped,
      checks,
      passed: checks.every((c) => c.passed),
    });
  };
  const refuse = (text: string): Scenario => {
    const { scenario, problems } = demoCheck(text);
    const [first] = problems;
    if (scenario && !first) return scenario;
    throw new Failure({ code: 'bad-scenario', message: first?.message ?? 'It is no scenario.' });
  };
  return {
    checkScenario: async ({ text }) => demoCheck(text),
    playScenario: async ({ text }) => {
      const scenario = refuse(text);
      const { name, duration } = scenario;
      const mine = { scenario, ended: false };
      playing = mine;
      stage.renew({ name, text, durationMs: duration, beganAt: null, endedAt: null, stopped: false, checks: null });
      stage.after(300, () => !mine.ended && stage.say({ type: 'scenario', phase: 'begin', name, duration }));
      stage.after(300 + duration, () => end(mine, false));
    },
    stopScenario: async () => end(playing, true),
    savedScenarios: async () => saved,
    saveScenario: async ({ text }) => {
      const { name } = refuse(text);
      const one = { name, text, file: `/home/you/.local/share/heartline/scenarios/${name.toLowerCase()}.yaml` };
      saved = [one, ...saved.filter((s) => s.name !== name)];
      return one;
    },
    deleteScenario: async ({ name }) => void (saved = saved.filter((s) => s.name !== name)),
  };
}
