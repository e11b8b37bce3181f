/**
 * `endpoints.yaml`: what people keep of endpoints, without a secret in it. A change touches what it is about: comments and
 * order of the rest stay, and so do entries that cannot be read.
 */
import { Document, isMap, isScalar, isSeq, LineCounter, parseDocument, YAMLMap, YAMLSeq } from 'yaml';
import { Failure } from '../failure.ts';
import { isRecord } from '../guards.ts';
import { sameValue } from '../yaml/format-value.ts';
import { yamlLimitProblem } from '../yaml/limits.ts';
import type { Environment } from './book.ts';
import { entryOf, readEntry, type Entry } from './entry.ts';

export interface BookText {
  entries: Entry[];
  environments: Environment[];
  environment: string | null;
  /** Entries that cannot be read; they stay in the file. */
  problems: { line: number; message: string; hint?: string }[];
}

const HEAD = ` Endpoints that Heartline keeps. No secret stands here: {secret.NAME} names one in the file "secrets".\n Edit it by hand if you like; docs/endpoints.md has the keys.`;

/** More than anybody names by hand. */
const MAX_ENTRIES = 1000;

/** @throws Failure `bad-endpoints` with the line, for a text that is no such file at all */
export function readBook(text: string): BookText {
  return new BookFile(text).read();
}

/** A file's text, to be changed. */
export class BookFile {
  readonly #doc: Document;
  readonly #lines = new LineCounter();

  /** @throws Failure `bad-endpoints` */
  constructor(text: string) {
    const limit = yamlLimitProblem(text);
    if (limit) throw bad(limit.line, limit.message);
    if (text.trim() === '') {
      this.#doc = new Document({ version: 1, endpoints: [] });
      this.#doc.commentBefore = HEAD;
      return;
    }
    const doc = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'silent' });
    const [error] = doc.errors;
    if (error) throw bad(this.#lines.linePos(error.pos[0]).line, `It is not YAML: ${error.message.replace(/\.?$/, '.')}`);
    this.#doc = doc; // cast: of a document that was parsed only that it can be changed matters
    if (isSeq(doc.contents)) this.#doc.contents = this.#doc.createNode({ version: 1, endpoints: doc.contents });
    else if (!isMap(doc.contents)) throw bad(1, 'It is no file of endpoints.');
  } // prettier-ignore

  read(): BookText {
    const text: BookText = { entries: [], environments: [], environment: null, problems: [] };
    const data = this.#data();
    for (const [i, value] of (Array.isArray(data['endpoints']) ? data['endpoints'] : []).entries()) {
      const read = readEntry(value);
      if (read.ok && text.entries.some(({ target }) => target.name === read.entry.target.name)) {
        const message = `Another endpoint is called "${read.entry.target.name}".`;
        text.problems.push({ line: this.#line(['endpoints', i]), message, hint: 'Give it another name.' });
      } else if (read.ok) text.entries.push(read.entry);
      else {
        const { path, message, hint } = read;
        const line = this.#line(['endpoints', i, ...path]);
        text.problems.push({ line, message, ...(hint === undefined ? {} : { hint }) });
      }
    }
    const environments = data['environments'];
    for (const [name, vars] of isRecord(environments) ? Object.entries(environments) : []) {
      const texts = isRecord(vars) ? Object.entries(vars).filter(([, value]) => isPlain(value)) : [];
      text.environments.push({ name, vars: Object.fromEntries(texts.map(([key, value]) => [key, String(value)])) });
    }
    const chosen = data['environment'];
    if (typeof chosen === 'string' && text.environments.some(({ name }) => name === chosen)) text.environment = chosen;
    return text;
  }

  /** In the place of the one that has its name, or had the name `before`; else behind the others of its folder. */
  save(entry: Entry, before = entry.target.name): void {
    const seq = this.#seq();
    const wanted = entryOf(entry);
    const at = this.#indexOf(before);
    const node = at < 0 ? undefined : seq.items[at];
    if (isMap(node)) return this.#change(node, wanted);
    if (seq.items.length >= MAX_ENTRIES) {
      const hint = 'Delete some that are no longer used.';
      throw new Failure({ code: 'too-many', message: `There are ${MAX_ENTRIES} endpoints already.`, hint, exit: 2 });
    }
    const last = seq.items.findLastIndex((item) => isMap(item) && (item.get('folder') ?? null) === entry.folder);
    seq.items.splice(last < 0 ? seq.items.length : last + 1, 0, this.#doc.createNode(wanted));
  }

  remove(name: string): void {
    const at = this.#indexOf(name);
    if (at >= 0) this.#seq().items.splice(at, 1);
  }

  /** Folders and order anew. Entries that are not named come after those that are. */
  arrange(order: readonly { name: string; folder: string | null }[]): void {
    const seq = this.#seq();
    const taken = new Set<unknown>();
    const items = order.flatMap(({ name, folder }) => {
      const item = seq.items[this.#indexOf(name)];
      if (!isMap(item) || taken.has(item)) return [];
      taken.add(item);
      if (folder === null) item.delete('folder');
      else if (item.get('folder') !== folder) {
        if (item.has('folder')) item.set('folder', folder);
        else item.items.splice(1, 0, this.#doc.createPair('folder', folder));
      }
      return [item];
    });
    seq.items = [...items, ...seq.items.filter((item) => !taken.has(item))];
  }

  setEnvironments(environments: readonly Environment[], chosen: string | null): void {
    const wanted = Object.fromEntries(environments.map(({ name, vars }) => [name, vars]));
    this.#set('environment', chosen);
    this.#set('environments', environments.length === 0 ? null : wanted);
  }

  toString(): string {
    return this.#doc.toString({ lineWidth: 0 });
  }

  #data(): Record<string, unknown> {
    const data: unknown = this.#doc.toJS({ maxAliasCount: 100 });
    return isRecord(data) ? data : {};
  }

  #map(): YAMLMap {
    return this.#doc.contents as unknown as YAMLMap; // cast: the constructor made sure
  }

  #seq(): YAMLSeq {
    const seq = this.#map().get('endpoints');
    if (seq instanceof YAMLSeq) {
      if (seq.items.length === 0) seq.flow = false;
      return seq;
    }
    const fresh = new YAMLSeq();
    this.#map().set('endpoints', fresh);
    return fresh;
  }

  #indexOf(name: string): number {
    return this.#seq().items.findIndex((item) => isMap(item) && item.get('name') === name);
  }

  #set(key: string, value: unknown): void {
    const map = this.#map();
    if (value === null) return void map.delete(key);
    const node = map.get(key, true);
    if (isMap(node) && isRecord(value)) return this.#change(node, value);
    if (map.has(key)) return map.set(key, this.#doc.createNode(value));
    const at = map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === 'endpoints');
    map.items.splice(at < 0 ? map.items.length : at, 0, this.#doc.createPair(key, value));
  }

  /** Key by key, so that what did not change keeps its comments. */
  #change(map: YAMLMap, wanted: Record<string, unknown>): void {
    for (const pair of [...map.items]) {
      const key = isScalar(pair.key) ? String(pair.key.value) : null;
      if (key === null || !Object.hasOwn(wanted, key)) map.delete(pair.key);
    }
    for (const [key, value] of Object.entries(wanted)) {
      const node = map.get(key, true);
      if (isMap(node) && isRecord(value)) this.#change(node, value);
      else if (!sameValue(plain(map.get(key)), value)) map.set(key, this.#doc.createNode(value));
    }
  }

  #line(path: readonly (string | number)[]): number {
    for (let n = path.length; n > 0; n--) {
      const node = this.#doc.getIn(path.slice(0, n), true);
      const range = (node as { range?: [number, number, number] } | undefined)?.range; // cast: nodes have one, other values none
      if (range) return this.#lines.linePos(range[0]).line;
    }
    return 1;
  }
}

const isPlain = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const plain = (value: unknown): unknown => (value instanceof YAMLSeq ? value.toJSON() : value);

const bad = (line: number, message: string): Failure =>
  new Failure({
    code: 'bad-endpoints',
    place: `line ${line}`,
    message,
    hint: 'Mend it by hand; until then nothing is written to it.',
    exit: 2,
  });
