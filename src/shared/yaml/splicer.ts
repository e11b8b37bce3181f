/** Where to cut a YAML text so that one value changes. Every answer is checked by whoever asks: a wrong cut is not used. */
import {
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
} from 'yaml';
import type { YamlKey, YamlPath } from './path.ts';

/** These characters go, this text comes. */
export interface Splice {
  from: number;
  to: number;
  text: string;
}

interface NodePosition {
  node: unknown;
  /** What holds it: the pair of a map, or the item itself. */
  item: unknown;
  container: unknown;
  index: number;
}

export class Splicer {
  readonly #text: string;
  readonly #doc: Document;
  readonly #nl: string;

  constructor(text: string) {
    this.#text = text;
    this.#doc = parseDocument(text, { prettyErrors: false, logLevel: 'silent' });
    this.#nl = text.includes('\r\n') ? '\r\n' : '\n';
  }

  /** @param after keys that a new one stands behind, the nearest first in rank: the last of them that is there counts */
  set(path: YamlPath, spelled: string, after: readonly string[]): Splice | null {
    const found = this.#find(path);
    if (found) return this.#replace(found, spelled);
    const holder = this.#find(path.slice(0, -1))?.node;
    const key = path.at(-1)!;
    return isMap(holder) && typeof key === 'string' ? this.#addKey(holder.items, holder.flow === true, holder, key, spelled, after) : null; // prettier-ignore
  }

  insert(path: YamlPath, index: number, spelled: string): Splice | null {
    const found = this.#find(path);
    if (!found || !isSeq(found.node)) return null;
    const { items, flow } = found.node;
    const before = index > 0 ? this.#end(items[index - 1]) : null;
    if (items.length === 0) return this.#firstItem(found, spelled);
    if (flow) {
      if (before !== null) return makeSplice(before, before, `, ${spelled}`);
      const first = this.#start(items[0]);
      return first === null ? null : makeSplice(first, first, `${spelled}, `);
    }
    const dash = this.#dash(items[0]);
    if (dash === null) return null;
    const line = `${this.#nl}${this.#indent(dash)}- ${spelled}`;
    // a comment above the first item stays with it: the new one goes right under the key
    const at = before ?? (isPair(found.item) ? this.#start(found.item.key) : null);
    if (at === null) return null;
    const end = this.#lineEnd(at);
    return makeSplice(end, end, line);
  }

  remove(path: YamlPath): Splice | null {
    const found = this.#find(path);
    if (!found || !isCollection(found.container)) return null;
    const { container, index } = found;
    const [start, end] = [this.#start(found.item), this.#end(found.item)];
    if (start === null || end === null) return null;
    const next = container.items[index + 1];
    if (container.flow) {
      if (next !== undefined) return makeSplice(start, this.#start(next)!);
      return index > 0 ? makeSplice(this.#end(container.items[index - 1])!, end) : makeSplice(start, end);
    }
    if (container.items.length === 1) return this.#emptied(path, found);
    const lead = isSeq(container) ? this.#dash(found.item) : start;
    if (lead === null) return null;
    const line = this.#lineStart(lead);
    // the first key of a map behind a dash: the next one moves up to it
    if (this.#text.slice(line, lead).trim() !== '')
      return next === undefined ? null : makeSplice(start, this.#start(next)!);
    const to = this.#lineEnd(end);
    const rest = this.#text.startsWith(this.#nl, to) ? this.#nl.length : 0;
    if (rest > 0) return makeSplice(line, to + rest);
    return makeSplice(line === 0 ? 0 : line - this.#nl.length, to); // the last line of a text that does not end with one
  }

  style(path: YamlPath): 'flow' | 'block' | null {
    const node = this.#find(path)?.node;
    return isCollection(node) ? (node.flow ? 'flow' : 'block') : null;
  }

  /** The lines, from 1, on which a value stands with its dash or key; null where there is none. */
  lines(path: YamlPath): { from: number; to: number } | null {
    const found = this.#find(path);
    const [start, end] = found ? [this.#start(found.item), this.#end(found.item)] : [null, null];
    if (start === null || end === null) return null;
    const count = (to: number): number => this.#text.slice(0, to).split('\n').length;
    return { from: count(start), to: count(end) };
  }

  #find(path: YamlPath): NodePosition | null {
    let found: NodePosition = { node: this.#doc.contents, item: this.#doc.contents, container: null, index: 0 };
    for (const key of path) {
      const next = this.#step(found.node, key);
      if (!next) return null;
      found = next;
    }
    return found;
  }

  #step(node: unknown, key: YamlKey): NodePosition | null {
    if (isMap(node)) {
      const index = node.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
      const pair = node.items[index];
      return pair ? { node: pair.value, item: pair, container: node, index } : null;
    }
    if (!isSeq(node) || typeof key !== 'number' || key >= node.items.length) return null;
    const item = node.items[key];
    return { node: item, item, container: node, index: key };
  }

  #replace({ node, item }: NodePosition, spelled: string): Splice | null {
    const value = isNode(node) ? node : null;
    if (value && (('anchor' in value && value.anchor) || ('tag' in value && value.tag))) return null;
    const colon = isPair(item) ? this.#colon(item) : null;
    const block = isCollection(value) && !value.flow;
    const empty = !value?.range || value.range[0] === value.range[1];
    if (block && colon === null) {
      const [start, end] = [this.#start(item), this.#end(item)];
      return start === null || end === null ? null : makeSplice(start, end, spelled);
    }
    if (block || empty) {
      if (colon === null) return null;
      const end = block ? this.#end(value) : colon;
      return end === null ? null : makeSplice(colon, end, ` ${spelled}`);
    }
    const end = this.#end(value);
    return end === null ? null : makeSplice(value.range![0], end, spelled);
  }

  #addKey(
    pairs: Pair[],
    flow: boolean,
    map: Node,
    key: string,
    spelled: string,
    after: readonly string[],
  ): Splice | null {
    // prettier-ignore
    if (pairs.length === 0) return flow && map.range ? makeSplice(map.range[0], map.range[1], `{ ${key}: ${spelled} }`) : null;
    const known = pairs.findLast((pair) => isScalar(pair.key) && after.includes(String(pair.key.value)));
    const place = known ?? pairs.at(-1)!;
    const end = this.#end(place);
    if (end === null) return null;
    if (flow) return makeSplice(end, end, `, ${key}: ${spelled}`);
    const first = this.#start(pairs[0]!);
    if (first === null) return null;
    const line = this.#lineEnd(end);
    const column = ' '.repeat(first - this.#lineStart(first));
    const gap = spelled.startsWith('\n') ? '' : ' ';
    return makeSplice(line, line, `${this.#nl}${column}${key}:${gap}${spelled}`);
  }

  /** The first item of a list that has none: it gets a line of its own. */
  #firstItem({ node, item }: NodePosition, spelled: string): Splice | null {
    const range = rangeOf(node);
    if (!isPair(item) || !range) return null;
    const key = this.#start(item);
    const colon = this.#colon(item);
    if (key === null || colon === null) return null;
    return makeSplice(colon, range[1], `${this.#nl}${this.#indent(key)}  - ${spelled}`);
  }

  /** The last item goes: a list without lines must say that it is empty. */
  #emptied(path: YamlPath, { container, item }: NodePosition): Splice | null {
    const parent = this.#find(path.slice(0, -1));
    const end = this.#end(item);
    if (!isSeq(container) || !parent || !isPair(parent.item) || end === null) return null;
    const colon = this.#colon(parent.item);
    const dash = this.#dash(item);
    if (colon === null || dash === null) return null;
    const kept = this.#text.slice(colon, this.#lineStart(dash)).trimEnd(); // comments above the item
    return makeSplice(colon, this.#lineEnd(end), ` []${kept}`);
  }

  /** Right behind the colon of a pair. */
  #colon({ key }: Pair): number | null {
    const end = rangeOf(key)?.[1];
    if (end === undefined) return null;
    const at = this.#text.indexOf(':', end);
    return at >= 0 && this.#text.slice(end, at).trim() === '' ? at + 1 : null;
  }

  #dash(item: unknown): number | null {
    const start = this.#start(item);
    if (start === null) return null;
    const at = this.#text.lastIndexOf('-', start - 1);
    return at >= 0 && this.#text.slice(at + 1, start).trim() === '' ? at : null;
  }

  #start(item: unknown): number | null {
    const node = isPair(item) ? item.key : isMap(item) && !item.flow ? item.items[0]?.key : item;
    return rangeOf(node)?.[0] ?? null;
  }

  /** Where the last character of it is; comments and blank lines behind it are not part of it. */
  #end(item: unknown): number | null {
    if (isPair(item)) return item.value ? this.#end(item.value) : this.#colon(item);
    if (isCollection(item) && !item.flow && item.items.length > 0) return this.#end(item.items.at(-1));
    const end = rangeOf(item)?.[1];
    return end === undefined ? null : this.#text.slice(0, end).trimEnd().length;
  }

  #lineStart(at: number): number {
    return this.#text.lastIndexOf('\n', at - 1) + 1;
  }

  #lineEnd(at: number): number {
    const end = this.#text.indexOf(this.#nl, at);
    return end < 0 ? this.#text.length : end;
  }

  #indent(at: number): string {
    return this.#text.slice(this.#lineStart(at), at).replace(/\S/g, ' ');
  }
}

const makeSplice = (from: number, to: number, text = ''): Splice => ({ from, to, text });

const rangeOf = (node: unknown): Node['range'] => (isNode(node) ? node.range : null);
