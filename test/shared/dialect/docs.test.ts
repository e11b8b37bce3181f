import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { judgeSample, methodsOf } from '../../../src/engine/dialects/sample.ts';
import { parseDialectText } from '../../../src/shared/dialect/document.ts';

const text = readFileSync(new URL('../../../docs/dialects.md', import.meta.url), 'utf8');
const examples = new Map(
  [...text.matchAll(/<!-- example: (\w+) -->\n\n?```yaml\n([^]*?)```/g)].map((m) => [m[1]!, m[2]!]),
);

/** What each of the five servers says, and what its rules call it. */
const SAID: Record<string, [sample: string, kinds: string[], ids: (string | null)[]]> = {
  stream: [
    'event: ping\ndata: x\n\ndata: {"seq":1,"ts":5,"doc":"a"}\n\ndata: {"type":"gone","oldest":9}\n',
    ['beat', 'event', 'gap'],
    ['1'],
  ],
  socket: [
    '{"event":"subscribed","seq":3,"epoch":"e"}\n{"op":"ping","id":1}\n{"event":"snapshot","seq":4}\n{"seq":5,"prev":4}',
    ['hello', 'beat', 'rebase', 'event'],
    ['5'],
  ],
  list: [
    '{"items":[{"id":"b","kind":"k","created_at":"2026-01-01T00:00:00Z"},{"id":"a","kind":"k"}]}',
    ['event', 'event'],
    ['b', 'a'],
  ],
  lines: ['{"n":1}\n{"error":{"message":"no"}}\n{"status":"finished"}\n', ['event', 'error', 'end'], ['1']],
  post: ['data: {"delta":"hi"}\n\ndata: [DONE]\n', ['event', 'end'], []],
};

describe('the examples of docs/dialects.md', () => {
  it.each(Object.keys(SAID))('%s', (name) => {
    const dialect = parseDialectText(examples.get(name)!, `${name}.yaml`);
    const [sample, kinds, ids] = SAID[name]!;
    const { messages, malformed } = judgeSample(dialect, methodsOf(dialect)[0]!, sample);
    expect(malformed).toEqual([]);
    expect(messages.map((m) => m.is)).toEqual(kinds);
    const found = messages.filter((m) => m.is === 'event').flatMap((m) => m.found.filter((f) => f.key === 'id'));
    expect(found.map((f) => f.value)).toEqual(ids);
  });
});
