import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { savedPathList } from '../../../src/engine/library/paths.ts';

describe('what is kept by name', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'heartline-kept-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const file = (): string => join(dir, 'paths.json');

  it('is there the next time, the newest first, one of each name, and for its owner alone', () => {
    const store = savedPathList(dir);
    store.save({ name: 'a', via: ['direct'] });
    store.save({ name: 'b', via: ['haproxy'] });
    store.save({ name: 'a', via: ['slow-line'] });
    expect(savedPathList(dir).list()).toEqual([
      { name: 'a', via: ['slow-line'] },
      { name: 'b', via: ['haproxy'] },
    ]);
    expect(statSync(file()).mode & 0o077).toBe(0);
    store.delete('a');
    store.delete('nobody');
    expect(
      savedPathList(dir)
        .list()
        .map((p) => p.name),
    ).toEqual(['b']);
  });

  it('is set aside when it cannot be read, and what is not one of them is left out', () => {
    writeFileSync(file(), '{ half');
    expect(savedPathList(dir).list()).toEqual([]);
    expect(readFileSync(`${file()}.broken`, 'utf8')).toBe('{ half');
    writeFileSync(file(), JSON.stringify([{ name: 'a', via: ['x'] }, { name: 'b', via: 'x' }, null, 7]));
    expect(savedPathList(dir).list()).toEqual([{ name: 'a', via: ['x'] }]);
  });

  it('says when it cannot be written, and keeps it for this run; without a place it keeps it in memory', () => {
    writeFileSync(join(dir, 'in-the-way'), '');
    const store = savedPathList(join(dir, 'in-the-way'));
    expect(() => store.save({ name: 'a', via: [] })).toThrow(/path could not be written/);
    expect(store.list()).toHaveLength(1);
    const memory = savedPathList(null);
    memory.save({ name: 'a', via: [] });
    expect(memory.list()).toHaveLength(1);
    expect(existsSync(file())).toBe(false);
  });

  it('of two programs on one folder both keep their work', () => {
    const [one, two] = [savedPathList(dir), savedPathList(dir)];
    one.save({ name: 'a', via: [] });
    two.save({ name: 'b', via: [] });
    one.save({ name: 'c', via: [] });
    two.delete('a');
    expect(one.list().map((p) => p.name)).toEqual(['c', 'b']);
    expect(savedPathList(dir).list()).toEqual(two.list());
    expect(readdirSync(dir)).toEqual(['paths.json']);
  });

  it.each(['{}', 'null', '5', '"text"', '{"a":[]}', ''])('a file that says %s is set aside, with a word', (text) => {
    writeFileSync(file(), text);
    const moved: string[] = [];
    const list = savedPathList(dir, (from, to) => moved.push(from, to));
    list.save({ name: 'a', via: [] });
    expect(moved).toEqual([file(), `${file()}.broken`]);
    expect(readFileSync(`${file()}.broken`, 'utf8')).toBe(text);
    writeFileSync(file(), text);
    list.save({ name: 'b', via: [] });
    expect(readFileSync(`${file()}.broken-2`, 'utf8')).toBe(text);
    expect(list.list().map((p) => p.name)).toEqual(['b']);
  });

  it('what a newer version keeps in the list stays there', () => {
    writeFileSync(
      file(),
      JSON.stringify([
        { name: 'a', via: [] },
        { name: 'new', steps: [1] },
      ]),
    );
    savedPathList(dir).save({ name: 'b', via: [] });
    expect(JSON.parse(readFileSync(file(), 'utf8'))).toContainEqual({ name: 'new', steps: [1] });
  });

  it('a lock whose process has gone holds nobody up, and a write that fails leaves nothing beside', () => {
    writeFileSync(`${file()}.lock`, '999999999');
    savedPathList(dir).save({ name: 'a', via: [] });
    rmSync(file());
    mkdirSync(join(file(), 'x'), { recursive: true }); // a folder in its place: the rename fails
    expect(() => savedPathList(dir).save({ name: 'a', via: [] })).toThrow(/could not be written/);
    expect(readdirSync(dir)).toEqual(['paths.json']);
  });
});
