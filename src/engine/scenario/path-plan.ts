import { failureData } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import type { PathItem, PathSpec } from '../../shared/path/spec.ts';
import type { ScenarioProblem } from '../../shared/scenario/problems.ts';
import { resolveVia } from '../../shared/path/resolve.ts';

/** The path as a schedule changes it, step by step. Names are checked as they come in. */
export class PathPlan {
  readonly #problems: ScenarioProblem[];
  #items: PathItem[] = [];

  constructor(via: readonly string[], problems: ScenarioProblem[]) {
    this.#problems = problems;
    this.#items = via.flatMap((text, i) => this.#parse(text, ['path', i]));
  }

  get spec(): PathSpec {
    return this.#items;
  }

  /** Puts steps on, farthest from the client. `takeOff` takes these very ones off again. Both tell the path. */
  add(text: string, entry: number): { spec: PathSpec; takeOff: () => PathSpec } {
    const added = this.#parse(text, ['schedule', entry, 'via']);
    this.#items = [...this.#items, ...added];
    const takeOff = (): PathSpec => {
      this.#items = this.#items.filter((item) => !added.includes(item));
      return this.spec;
    };
    return { spec: this.spec, takeOff };
  }

  /** Takes off whatever bears the name; null is everything. */
  clear(name: string | null, entry: number): PathSpec {
    const left = name === null ? [] : this.#items.filter((item) => nameOf(item) !== name);
    if (name !== null && left.length === this.#items.length) {
      const present = this.#items.map(nameOf);
      const near = nearest(name, present);
      this.#problems.push({
        path: ['schedule', entry, 'via'],
        message: `Nothing called "${name}" is on the path then.`,
        hint: near
          ? `Did you mean ${near}?`
          : present.length > 0
            ? `There are ${present.join(', ')}.`
            : 'It is direct.',
      });
    }
    this.#items = left;
    return this.spec;
  }

  replace(via: readonly string[], entry: number): PathSpec {
    this.#items = via.flatMap((text, i) => this.#parse(text, ['schedule', entry, 'path', i]));
    return this.spec;
  }

  #parse(text: string, path: readonly (string | number)[]): PathItem[] {
    return text.split('+').flatMap((part): PathItem[] => {
      try {
        return [...resolveVia([part], '')];
      } catch (error) {
        const { message, hint, place } = failureData(error);
        const where = place?.trim() ? `${place.trim()}: ` : '';
        this.#problems.push({ path, message: `${where}${message}`, ...(hint === undefined ? {} : { hint }) });
        return [];
      }
    });
  }
}

/** The name it was typed by. */
const nameOf = ({ preset, steps }: PathItem): string => preset ?? steps[0]!.name;
