import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
});
