import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Library } from '../../../src/engine/library/library.ts';
import { SecretStore } from '../../../src/engine/secrets/store.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

const KEY = { HEARTLINE_KEY: 'a long enough key' };
const TOKEN = 'planted-S3cr3t-1';

const target = (name: string, more: Partial<RemoteTarget> = {}): RemoteTarget => ({
  kind: 'remote',
  name,
  base: null,
  urls: { sse: 'https://{var.host}/s' },
  channel: 'demo',
  headers: { Authorization: `Bearer ${TOKEN}` },
  dialect: 'plain',
  ...more,
});

describe('saved endpoints', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'heartline-endpoints-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const library = (env: Record<string, string> = KEY): Library => new Library(dir, new SecretStore({ dir, env }));
  const read = (name: string): string => readFileSync(join(dir, name), 'utf8');

  it('are kept without their secrets, and asked with them', () => {
    const saved = library().endpoints.save(target('Orders'), { folder: 'Shop' });
    expect(saved.headers).toEqual({ Authorization: 'Bearer {secret.orders.authorization}' });
    expect(read('endpoints.yaml') + read('secrets')).not.toContain(TOKEN);
    expect(statSync(join(dir, 'endpoints.yaml')).mode & 0o077).toBe(0);
    const next = library();
    next.endpoints.setEnvironments([{ name: 'staging', vars: { host: 's.example', token: TOKEN } }], 'staging');
    expect(read('endpoints.yaml')).not.toContain(TOKEN);
    const [only] = next.endpoints.list();
    expect(only).toEqual(saved);
    expect(next.filled(only!)).toMatchObject({
      urls: { sse: 'https://s.example/s' },
      headers: { Authorization: `Bearer ${TOKEN}` },
    });
    expect(() => next.filled({ ...only!, env: 'nowhere' })).toThrow(/no environment "nowhere"/);
    expect(next.book(false)).toMatchObject({
      endpoints: [{ folder: 'Shop', missing: [] }],
      environment: 'staging',
      problems: [],
      secrets: { state: 'open' },
    });
  });

  it('a secret goes with the last endpoint that names it', () => {
    const one = library();
    const saved = one.endpoints.save(target('Orders'));
    one.endpoints.save({ ...saved, name: 'Copy' });
    one.endpoints.delete('Orders');
    expect(one.secrets.names()).toEqual(['orders.authorization']);
    one.endpoints.save({ ...saved, name: 'Copy', headers: { Authorization: 'Bearer another-S3cr3t' } });
    expect(one.secrets.names()).toEqual(['copy.authorization']);
    one.endpoints.delete('Copy');
    expect(one.secrets.names()).toEqual([]);
  });

  it('are renamed in their place, but never over another', () => {
    const one = library();
    for (const name of ['a', 'b', 'c']) one.endpoints.save(target(name));
    one.endpoints.save(target('B'), { before: 'b' });
    expect(one.endpoints.list().map(({ name }) => name)).toEqual(['a', 'B', 'c']);
    expect(() => one.endpoints.save(target('a'), { before: 'B' })).toThrow(/Another endpoint/);
  });

  it('without the key nothing is written, and what is there can be seen', () => {
    library().endpoints.save(target('Orders'));
    const locked = library({});
    expect(() => locked.endpoints.save(target('New'))).toThrow(
      expect.objectContaining({ code: 'secrets-locked' }) as Error,
    );
    expect(locked.endpoints.list().map(({ name }) => name)).toEqual(['Orders']);
    expect(locked.book(false).secrets.state).toBe('locked');
    const plain = target('Plain', { headers: {} });
    locked.endpoints.save(plain); // it has no secret
    expect(locked.endpoints.find('Plain')).toEqual(plain);
  });

  it('of an older version are moved, and its file goes only when all of it reads back', () => {
    const old = [target('Orders'), target('Other', { headers: {}, base: 'https://b.example' })];
    writeFileSync(join(dir, 'endpoints.json'), JSON.stringify([...old, { newer: true }]));
    const one = library();
    expect(one.endpoints.list().map(({ name }) => name)).toEqual(['Orders', 'Other']);
    expect(JSON.parse(read('endpoints.json'))).toEqual([{ newer: true }]); // none of ours: left
    writeFileSync(join(dir, 'endpoints.json'), JSON.stringify([target('Third')]));
    expect(one.endpoints.list()).toHaveLength(3);
    expect(existsSync(join(dir, 'endpoints.json'))).toBe(false);
    expect(one.filled({ ...one.endpoints.find('Third')!, vars: { host: 'h' } }).headers).toEqual(target('').headers);
    expect(read('endpoints.yaml')).not.toContain(TOKEN);
    // one that has the name of another is lost no more than that one
    writeFileSync(join(dir, 'endpoints.json'), JSON.stringify([target('Third', { base: 'https://c.example' })]));
    expect(one.endpoints.list().map(({ name }) => name)).toEqual(['Orders', 'Other', 'Third', 'Third (2)']);
  });

  it('of an older version stay where they are while the store cannot be opened, and are shown all the same', () => {
    library().secrets.put({ x: 'y' });
    writeFileSync(join(dir, 'endpoints.json'), JSON.stringify([target('Orders')]));
    const locked = library({});
    expect(locked.endpoints.list()).toEqual([target('Orders')]);
    expect(existsSync(join(dir, 'endpoints.json'))).toBe(true);
    expect(locked.book(false).problems[0]!.message).toMatch(/not moved yet: The secrets are locked/);
    expect(library().endpoints.list()).toHaveLength(1);
    expect(existsSync(join(dir, 'endpoints.json'))).toBe(false);
  });

  it('a file that cannot be read is named with its line, and not written over', () => {
    writeFileSync(join(dir, 'endpoints.yaml'), 'endpoints:\n  - name: [\n');
    const one = library();
    expect(() => one.endpoints.save(target('a', { headers: {} }))).toThrow(
      expect.objectContaining({ code: 'bad-endpoints', place: expect.stringMatching(/endpoints\.yaml:\d$/) as string }) as Error,
    ); // prettier-ignore
    expect(one.book(false).problems).toHaveLength(1);
    expect(read('endpoints.yaml')).toBe('endpoints:\n  - name: [\n');
  });

  it('what cannot be written says so', () => {
    mkdirSync(join(dir, 'endpoints.yaml'));
    expect(() => library().endpoints.save(target('a', { headers: {} }))).toThrow(/cannot be read|could not be written/);
  });

  it('a command is inert until it is confirmed, to the letter', () => {
    const one = library();
    const auth = { type: 'token-command', command: 'print-token' } as const;
    one.endpoints.save(target('a', { auth }));
    expect(one.book(false).endpoints[0]!.command).toBe('inert');
    one.secrets.confirm('print-token');
    expect(one.book(false).endpoints[0]!.command).toBe('confirmed');
    one.endpoints.save(target('a', { auth: { ...auth, command: 'print-token --all' } }));
    expect(one.book(false).endpoints[0]!.command).toBe('inert');
  });
});
