import { failureData } from '../../shared/failure.ts';
import { nearest } from '../../shared/path/params.ts';
import type { ScenarioProblem } from '../../shared/scenario/problems.ts';
import { resolveVia } from '../../shared/path/resolve.ts';

interface PlannedPathStep {
  id: number;
  name: string;
  text: string;
}

/** The path as a schedule changes it, step by step. Names are checked as they come in. */
export class PathPlan {
  readonly #problems: ScenarioProblem[];
  #steps: PlannedPathStep[] = [];
  #nextId = 1;

  constructor(via: readonly string[], problems: ScenarioProblem[]) {
    this.#problems = problems;
    this.#steps = via.flatMap((text, i) => this.#parse(text, ['path', i]));
  }

  /** As after --via, nearest the client first. */
  get via(): string[] {
    return this.#steps.map(({ text }) => text);
  }

  /** Puts steps on, farthest from the client. `takeOff` takes these very ones off again. Both tell the path. */
  add(text: string, entry: number): { via: string[]; takeOff: () => string[] } {
    const added = this.#parse(text, ['schedule', entry, 'via']);
    this.#steps = [...this.#steps, ...added];
    const takeOff = (): string[] => {
      this.#steps = this.#steps.filter((step) => !added.includes(step));
      return this.via;
    };
    return { via: this.via, takeOff };
  }

  /** Takes off whatever bears the name; null is everything. */
  clear(name: string | null, entry: number): string[] {
    const left = name === null ? [] : this.#steps.filter((step) => step.name !== name);
    if (name !== null && left.length === this.#steps.length) {
      const present = this.#steps.map((step) => step.name);
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
    this.#steps = left;
    return this.via;
  }

  replace(via: readonly string[], entry: number): string[] {
    this.#steps = via.flatMap((text, i) => this.#parse(text, ['schedule', entry, 'path', i]));
    return this.via;
  }

  #parse(text: string, path: readonly (string | number)[]): PlannedPathStep[] {
    return text.split('+').flatMap((part): PlannedPathStep[] => {
      const typed = part.trim();
      if (typed === '') return [];
      try {
        resolveVia([typed], '');
      } catch (error) {
        const { message, hint, place } = failureData(error);
        const where = place?.trim() ? `${place.trim()}: ` : '';
        this.#problems.push({ path, message: `${where}${message}`, ...(hint === undefined ? {} : { hint }) });
        return [];
      }
      return [{ id: this.#nextId++, name: typed.split(':')[0]!, text: typed }];
    });
  }
}
