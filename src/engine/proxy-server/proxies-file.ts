import { isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { Failure, messageOf } from '../../shared/failure.ts';

/** A file of proxies, read; it may be JSON or YAML, which is a superset. */
export interface ProxiesFile {
  list: unknown;
  /** What to put before a failure's place: `proxies.json:4: [1].via[0]`. */
  place: (key: string) => string;
}

/** @throws Failure `bad-file` with the line, exit 2 */
export function readProxiesFile(text: string, file: string): ProxiesFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fail = (line: number, message: string): Failure =>
    new Failure({
      code: 'bad-file',
      place: `${file}:${line}`,
      message,
      hint: 'Write [{"name": "api", "listen": 8080, "target": "http://…"}].',
      exit: 2,
    });
  const [error] = document.errors;
  if (error) throw fail(lines.linePos(error.pos[0]).line, `It is not JSON: ${error.message.replace(/\.?$/, '.')}`);
  let list: unknown;
  try {
    list = document.toJS({ maxAliasCount: 100 });
  } catch (thrown) {
    throw fail(1, `It is not JSON: ${messageOf(thrown)}.`);
  }
  if (!Array.isArray(list)) throw fail(1, 'This is not a list of proxies.');
  const place = (key: string): string => {
    let node: unknown = document.contents;
    let offset = 0;
    for (const part of key.match(/[^.[\]\s]+/g) ?? []) {
      if (isMap(node)) {
        const pair = node.items.find((item) => isScalar(item.key) && item.key.value === part);
        if (!pair) break;
        offset = startOf(pair.key) ?? offset;
        node = pair.value;
      } else if (isSeq(node)) {
        node = node.items[Number(part)];
        offset = startOf(node) ?? offset;
      } else break;
    }
    return `${file}:${lines.linePos(offset).line}: ${key}`;
  };
  return { list, place };
}

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined);
