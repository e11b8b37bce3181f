import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { SavedScenario } from '../../shared/api.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import { writeWhole } from '../files/whole-file.ts';
import { scenarioName } from '../scenario/read.ts';

/** Scenarios that somebody keeps: each a file of its own, as the command line runs it. */
export class ScenarioFiles {
  readonly #dir: string | null;
  #inMemory: SavedScenario[] = [];

  /** @param dir where to keep them; null keeps them in memory only */
  constructor(dir: string | null) {
    this.#dir = dir === null ? null : join(dir, 'scenarios');
  }

  /** By name. A file that cannot be read as a scenario bears the name of the file: it can be opened, and mended. */
  list(): SavedScenario[] {
    const all = this.#dir === null ? structuredClone(this.#inMemory) : this.#files(this.#dir);
    return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes the place of the one that has its name. @throws Failure `cannot-save` */
  save(name: string, text: string): SavedScenario {
    const before = this.list();
    const same = before.find((s) => s.name === name);
    if (this.#dir === null) {
      const saved = { name, text, file: null };
      this.#inMemory = [saved, ...this.#inMemory.filter((s) => s !== same && s.name !== name)];
      return saved;
    }
    const file = same?.file ?? this.#unusedFile(this.#dir, name, before);
    try {
      writeWhole(file, text); // for its owner alone: a target's headers may hold tokens
    } catch (e) {
      throw new Failure({
        code: 'cannot-save',
        message: `The scenario could not be written to ${file}: ${messageOf(e)}.`,
        hint: 'Copy its text to a file elsewhere.',
        place: 'scenarios',
      });
    }
    return { name, text, file };
  }

  /** Nothing happens where none has that name. */
  delete(name: string): void {
    this.#inMemory = this.#inMemory.filter((s) => s.name !== name);
    const file = this.list().find((s) => s.name === name)?.file;
    if (file != null) rmSync(file, { force: true });
  }

  #files(dir: string): SavedScenario[] {
    return yamlFilesIn(dir).flatMap((one): SavedScenario[] => {
      const file = join(dir, one);
      try {
        const text = readFileSync(file, 'utf8');
        return [{ name: scenarioName(text) ?? one.replace(/\.ya?ml$/, ''), text, file }];
      } catch {
        return []; // gone meanwhile, or not ours to read
      }
    });
  }

  #unusedFile(dir: string, name: string, taken: readonly SavedScenario[]): string {
    const words = name.toLowerCase().normalize('NFKD').match(/[a-z0-9]+/g) ?? ['scenario']; // prettier-ignore
    const stem = words.join('-').slice(0, 80);
    for (let n = 1; ; n++) {
      const file = join(dir, `${stem}${n === 1 ? '' : `-${n}`}.yaml`);
      if (!taken.some((s) => s.file === file) && !existsSync(file)) return file;
    }
  }
}

function yamlFilesIn(dir: string): string[] {
  try {
    return readdirSync(dir).filter((name) => /\.ya?ml$/.test(name));
  } catch {
    return []; // none yet
  }
}
