/** A dialect of version 2 from plain data, and everything that is wrong with it. */
import { METHODS } from '../catalog.ts';
import { Keys, Problems, shown, type KeyPath, type Problem } from './keys.ts';
import type { Dialect, IdRules } from './model.ts';
import { readMethod } from './read-method.ts';
import { patternProblem, readPointer, readTemplate, readPlace } from './read-values.ts';

export interface DialectReading {
  dialect: Dialect | null;
  problems: Problem[];
}

const NAME = /^[A-Za-z0-9][\w.-]*$/;

/** @param fallbackName what a file that does not name its dialect is called by */
export function readDialect(value: unknown, fallbackName = 'dialect'): DialectReading {
  const problems = new Problems();
  const keys = Keys.of(value, [], problems, 'a set of keys that begins with "dialect: 2"');
  if (!keys) return { dialect: null, problems: problems.list };
  const version = keys.get('dialect');
  if (version !== 2 && version !== '2') {
    keys.bad('dialect', `It must be 2, and is ${shown(version)}.`, 'Begin the file with "dialect: 2".');
  }
  const name = keys.text('name') ?? fallbackName;
  if (!NAME.test(name)) keys.bad('name', `"${name}" is not a name.`, 'Use letters, digits, dots and dashes.');
  const label = keys.text('label') ?? name;
  const ids = readIds(keys.get('ids'), ['ids'], problems);
  const publish = readTemplate(keys, 'publish');
  const start = readStart(keys.get('start'), ['start'], problems);
  const methods: Dialect['methods'] = {};
  const given = Keys.of(keys.get('methods'), ['methods'], problems, `a block for each method: ${METHODS.join(', ')}`);
  if (given) {
    for (const method of METHODS) {
      if (!given.has(method)) {
        given.get(method);
        continue;
      }
      const read = readMethod(method, given.get(method), ['methods', method], problems);
      if (read) methods[method] = read;
    }
    given.done();
    if (Object.keys(methods).length === 0 && problems.list.length === 0) {
      problems.add(['methods'], 'There is no method in it.', `Give a block for ${METHODS.join(', ')}.`);
    }
  }
  keys.done();
  const dialect: Dialect = { name, label, ids, methods: withPrevious(methods, ids), publish, start };
  checkEpoch(dialect, problems);
  return { dialect: problems.list.length === 0 ? dialect : null, problems: problems.list };
}

/** `ids.previous` holds for every event rule that names no place of its own. */
function withPrevious(methods: Dialect['methods'], { previous }: IdRules): Dialect['methods'] {
  if (previous === null) return methods;
  for (const method of METHODS) {
    const block = methods[method];
    if (!block) continue;
    block.messages = block.messages.map((rule) =>
      rule.is === 'event' && rule.previous === null ? { ...rule, previous } : rule,
    );
  }
  return methods;
}

function readIds(value: unknown, path: KeyPath, problems: Problems): IdRules {
  const rules: IdRules = { kind: 'opaque', next: 'same', epoch: null, previous: null };
  if (value === undefined || value === null) return rules;
  const keys = Keys.of(value, path, problems, 'a set of keys: kind, next, epoch');
  if (!keys) return rules;
  rules.kind = keys.choice('kind', ['dense', 'ordered', 'opaque', 'none']) ?? 'opaque';
  rules.next = keys.choice('next', ['same', 'plus-one', 'answer']) ?? 'same';
  rules.previous = readPlace(keys, 'previous');
  if (keys.has('epoch')) {
    const epoch = Keys.of(
      keys.get('epoch'),
      [...path, 'epoch'],
      problems,
      '{hello: /…}, {pattern: …} or {pointer: /…}',
    );
    if (epoch) {
      const [hello, pointer] = [readPointer(epoch, 'hello'), readPointer(epoch, 'pointer')];
      const pattern = epoch.text('pattern');
      if (pattern !== null) {
        const wrong = patternProblem(pattern);
        if (wrong !== null) epoch.bad('pattern', wrong);
        else if (!pattern.includes('(?<seq>') && !pattern.includes('(?<epoch>')) {
          epoch.bad('pattern', 'It names neither an epoch nor a seq.', 'Write groups (?<epoch>…) and (?<seq>\\d+).');
        }
      }
      rules.epoch = pattern !== null ? { pattern } : hello !== null ? { hello } : pointer !== null ? { pointer } : null;
      epoch.done();
    }
  } else keys.get('epoch');
  keys.done();
  return rules;
}

function readStart(value: unknown, path: KeyPath, problems: Problems): Dialect['start'] {
  if (value === undefined || value === null) return { earliest: null, now: null };
  const keys = Keys.of(value, path, problems, 'a set of keys: earliest, now');
  if (!keys) return { earliest: null, now: null };
  const start = { earliest: keys.text('earliest'), now: keys.text('now') };
  keys.done();
  return start;
}

/** `{epoch}` can be filled only where something says what it is. */
function checkEpoch({ ids, methods }: Dialect, problems: Problems): void {
  if (ids.epoch !== null) return;
  for (const [method, block] of Object.entries(methods)) {
    const text = JSON.stringify([block.first, block.resume, block.open, block.url]);
    if (!text.includes('{epoch}')) continue;
    problems.add(
      ['methods', method],
      '{epoch} has no value: nothing says where the epoch stands.',
      'Say it in ids: epoch: {hello: /epoch}, or write {epoch?} to leave the key out.',
    );
  }
}
