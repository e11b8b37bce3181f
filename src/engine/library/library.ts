import type { FieldProblem, SavedScenario } from '../../shared/api.ts';
import { Failure } from '../../shared/failure.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { PRESETS } from '../../shared/path/presets/index.ts';
import { spellPath } from '../../shared/path/describe.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import { readPlan } from '../scenario/read.ts';
import type { EndpointBook, SavedEndpoint } from '../../shared/book/book.ts';
import { fillTarget, hasTemplates, type TargetValues } from '../../shared/endpoint/fill.ts';
import { secretsNamed } from '../../shared/endpoint/seal.ts';
import { codeOf } from '../../shared/failure.ts';
import type { SecretStore } from '../secrets/store.ts';
import { SavedEndpoints } from './endpoints.ts';
import { savedPathList } from './paths.ts';
import type { OnSetAside } from './saved-list.ts';
import { ScenarioFiles } from './scenarios.ts';

/** What a person keeps under a name, from one run to the next: endpoints, paths, scenarios. Nothing broken is kept. */
export class Library {
  readonly secrets: SecretStore;
  readonly endpoints: SavedEndpoints;
  readonly paths: ReturnType<typeof savedPathList>;
  readonly scenarios: ScenarioFiles;

  /**
   * @param dir where to keep them; null keeps them in memory only
   * @param secrets where those of endpoints are kept
   * @param onSetAside called when a file could not be understood and was moved to another name
   */
  constructor(dir: string | null, secrets: SecretStore, onSetAside?: OnSetAside) {
    this.secrets = secrets;
    this.endpoints = new SavedEndpoints({ dir, secrets, onSetAside });
    this.paths = savedPathList(dir, onSetAside);
    this.scenarios = new ScenarioFiles(dir);
  }

  /** @throws Failure `bad-target`, `cannot-save` */
  saveEndpoint(
    target: RemoteTarget,
    problems: readonly FieldProblem[],
    where: { folder?: string | null; before?: string } = {},
  ): RemoteTarget {
    if (problems[0]) throw badTarget(problems[0]);
    return this.endpoints.save(target, where);
  }

  /** What the templates of a target stand for: its environment, else the chosen one, lies over its own variables. */
  valuesFor(target: RemoteTarget): TargetValues {
    const { environments, environment } = this.endpoints.read();
    const name = target.env ?? environment;
    const chosen = environments.find((one) => one.name === name);
    if (target.env !== undefined && !chosen) {
      const there = environments.map((one) => one.name).join(', ');
      throw new Failure({
        code: 'unknown-environment',
        place: 'env',
        message: `There is no environment "${target.env}".`,
        hint: there === '' ? 'None is kept yet: make one in the Endpoints view.' : `There are ${there}.`,
        exit: 2,
      });
    }
    const vars: Record<string, string> = { ...target.vars, ...chosen?.vars };
    return (of) => {
      if (of.startsWith('secret.')) return this.secrets.value(of.slice('secret.'.length));
      const variable = of.slice('var.'.length);
      return Object.hasOwn(vars, variable) ? vars[variable] : undefined;
    };
  }

  /** The target as it is asked: only an engine sees it so. @throws Failure `no-value`, `secrets-locked` … */
  filled(target: RemoteTarget): RemoteTarget {
    return hasTemplates(target) || target.env !== undefined ? fillTarget(target, this.valuesFor(target)) : target;
  }

  /**
   * All that is kept of endpoints; a file that cannot be read is told of, and nothing of it is shown.
   * @param confirms whether this host can ask its person to confirm a command
   */
  book(confirms: boolean): EndpointBook {
    const { file } = this.endpoints;
    const secrets = this.secrets.status();
    const rest = { secrets, file, confirms };
    try {
      const { entries, environments, environment, problems } = this.endpoints.read();
      const named = problems.map(({ line, ...problem }) => ({ ...problem, message: `${file ?? ''}:${line}: ${problem.message}` })); // prettier-ignore
      const late = this.endpoints.notMoved;
      if (late) named.push({ message: `endpoints.json is not moved yet: ${late.message}`, ...hintOf(late) });
      const endpoints = entries.map((entry): SavedEndpoint => {
        const { target } = entry;
        const missing = secretsNamed(target).filter((name) => !secrets.names.includes(name));
        const command = target.auth?.type === 'token-command' ? target.auth.command : null;
        const state = command === null ? null : this.secrets.isConfirmed(command) ? 'confirmed' : 'inert';
        return { ...entry, missing: secrets.state === 'locked' ? [] : missing, ...(state ? { command: state } : {}) };
      });
      return { endpoints, environments, environment, problems: named, ...rest };
    } catch (error) {
      if (!(error instanceof Failure) || !['bad-endpoints', 'cannot-read'].includes(codeOf(error) ?? '')) throw error;
      const message = `${error.place ?? ''}: ${error.message}`;
      return { endpoints: [], environments: [], environment: null, problems: [{ message, ...hintOf(error) }], ...rest };
    }
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

const hintOf = ({ hint }: Failure): { hint?: string } => (hint === undefined ? {} : { hint });

export function badTarget(problem: FieldProblem): Failure {
  return new Failure({
    code: 'bad-target',
    message: problem.message,
    place: problem.field,
    exit: 2,
    ...(problem.hint === undefined ? {} : { hint: problem.hint }),
  });
}
