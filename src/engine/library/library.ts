import type { FieldProblem, SavedScenario } from '../../shared/api.ts';
import { Failure } from '../../shared/failure.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { PRESETS } from '../../shared/path/presets/index.ts';
import { spellPath } from '../../shared/path/describe.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import { readPlan } from '../scenario/read.ts';
import { savedEndpoints } from './endpoints.ts';
import { savedPathList } from './paths.ts';
import type { OnSetAside } from './saved-list.ts';
import { ScenarioFiles } from './scenarios.ts';

/** What a person keeps under a name, from one run to the next: endpoints, paths, scenarios. Nothing broken is kept. */
export class Library {
  readonly endpoints: ReturnType<typeof savedEndpoints>;
  readonly paths: ReturnType<typeof savedPathList>;
  readonly scenarios: ScenarioFiles;

  /**
   * @param dir where to keep them; null keeps them in memory only
   * @param onSetAside called when a file could not be understood and was moved to another name
   */
  constructor(dir: string | null, onSetAside?: OnSetAside) {
    this.endpoints = savedEndpoints(dir, onSetAside);
    this.paths = savedPathList(dir, onSetAside);
    this.scenarios = new ScenarioFiles(dir);
  }

  /** @throws Failure `bad-target`, `cannot-save` */
  saveEndpoint(target: RemoteTarget, problems: readonly FieldProblem[]): void {
    if (problems[0]) throw badTarget(problems[0]);
    this.endpoints.save(target);
  }

  /** @throws Failure `bad-name`, `cannot-save` */
  savePath({ name: given, path }: { name: string; path: PathSpec }): void {
    const name = given.trim();
    const taken = Object.values(PRESETS).find((p) => name === p.id || name === p.label);
    if (name === '' || taken) {
      throw new Failure({
        code: 'bad-name',
        message: taken ? `"${name}" is a path that comes with Heartline.` : 'The path needs a name.',
        hint: taken ? `Call yours otherwise, such as "${name}, mine".` : 'Any words will do.',
        place: 'name',
        exit: 2,
      });
    }
    this.paths.save({ name, via: spellPath(path) });
  }

  /** The name under which this path is saved; null when it is not. */
  nameOfPath(via: readonly string[]): string | null {
    const text = via.join('+');
    return text === '' ? null : (this.paths.list().find((path) => path.via.join('+') === text)?.name ?? null);
  }

  /** @throws Failure `bad-scenario`, `cannot-save` */
  saveScenario(text: string): SavedScenario {
    return this.scenarios.save(readPlan(text, this.endpoints.list()).name.trim(), text);
  }
}

export function badTarget(problem: FieldProblem): Failure {
  return new Failure({
    code: 'bad-target',
    message: problem.message,
    place: problem.field,
    exit: 2,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}
