/** How an expectation is written in a scenario file. */
import { isRecord } from '../guards.ts';
import { parseCheck } from './check.ts';
import type { Expectation } from './expect.ts';
import { parsedWith, reject, text } from './values.ts';

/** `sse: missed == 0`, `missed == 0`, or lane, check and name apart. */
export const expectation = parsedWith(
  {
    anyOf: [
      { type: 'string', minLength: 1, examples: ['missed == 0', 'timeToRecover.p95 < 5s'] },
      {
        type: 'object',
        properties: {
          lane: { type: 'string', examples: ['sse', 'sse, websocket'] },
          check: { type: 'string', minLength: 1 },
          name: { type: 'string' },
        },
        required: ['check'],
        additionalProperties: false,
      },
      { type: 'object', minProperties: 1, maxProperties: 1, additionalProperties: { type: 'string' } },
    ],
  },
  readExpectation,
);

function readExpectation(value: unknown): Expectation {
  if (typeof value === 'string') {
    // a lane id has no spaces and no operator: what follows the colon is the check
    const m = /^\s*([a-z0-9-]+(?:\s*,\s*[a-z0-9-]+)*)\s*:\s+(.*)$/s.exec(value);
    const prefixed = m !== null && !/[=<>!]/.test(m[1]!);
    return makeExpectation(prefixed ? m[1]! : null, prefixed ? m[2]! : value);
  }
  if (!isRecord(value)) {
    return reject('It is no check.', 'Write one such as missed == 0, or sse: missed == 0');
  }
  const entries = Object.entries(value);
  if (!('check' in value)) {
    const [first] = entries;
    if (entries.length !== 1) return reject('It has no check.', 'Write check: missed == 0');
    return makeExpectation(first![0], text(first![1]));
  }
  for (const [key] of entries) {
    if (['lane', 'check', 'name'].includes(key)) continue;
    reject(`"${key}" is not known here.`, 'It takes lane, check and name.');
  }
  const { lane, check, name } = value;
  const lanes = lane === undefined ? null : Array.isArray(lane) ? lane.map(text).join(',') : text(lane);
  const parsed = makeExpectation(lanes, text(check));
  return name === undefined ? parsed : { ...parsed, name: text(name) };
}

function makeExpectation(lanes: string | null, check: string): Expectation {
  const parsed = parseCheck(check);
  const ids = lanes === null || lanes.trim() === 'all' ? null : lanes.split(',').map((id) => id.trim());
  return { name: check.trim().replace(/\s+/g, ' '), lanes: ids, check: parsed };
}
