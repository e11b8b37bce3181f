import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Keychain } from '../../../src/engine/secrets/openers.ts';
import { SecretStore } from '../../../src/engine/secrets/store.ts';
import { Failure } from '../../../src/shared/failure.ts';

const SECRET = 'tok-9f8e7d6c5b4a';

/** A keychain that turns bytes round: what matters is that nothing else can. */
const keychain = (kind: 'keychain' | 'basic' = 'keychain'): Keychain => ({
  kind: () => kind,
  wrap: (text) => Buffer.from([...Buffer.from(text)].map((b) => b ^ 0x5a)),
  unwrap: (data) => Buffer.from([...data].map((b) => b ^ 0x5a)).toString(),
});

describe('the store of secrets', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'heartline-secrets-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const file = (): string => join(dir, 'secrets');
  const store = (env: Record<string, string> = {}, own?: Keychain): SecretStore =>
    new SecretStore({ dir, env, ...(own ? { keychain: own } : {}) });
  const failure = (act: () => unknown): Failure => {
    try {
      act();
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
    throw new Error('it did not fail');
  };

  it('keeps values by name, encrypted, for its owner alone, and gives them to the next program', () => {
    store({ HEARTLINE_KEY: 'a long enough key' }).put({ 'orders.token': SECRET, other: 'x'.repeat(12) });
    expect(readFileSync(file(), 'utf8')).not.toContain(SECRET);
    expect(statSync(file()).mode & 0o077).toBe(0);
    expect(readdirSync(dir)).toEqual(['secrets']);
    const next = store({ HEARTLINE_KEY: 'a long enough key' });
    expect(next.value('orders.token')).toBe(SECRET);
    expect(next.value('nobody')).toBeUndefined();
    expect(next.value('constructor')).toBeUndefined();
    next.remove(['other', 'nobody']);
    expect(next.names()).toEqual(['orders.token']);
    expect(next.status()).toMatchObject({ state: 'open', keys: ['env'], weak: false });
  });

  it('is locked to another key, with a sentence and the way out, and nothing in it is lost', () => {
    store({ HEARTLINE_KEY: 'a long enough key' }).put({ t: SECRET });
    for (const env of [{}, { HEARTLINE_KEY: 'another long key' }]) {
      const locked = failure(() => store(env).value('t'));
      expect(locked).toMatchObject({ code: 'secrets-locked', exit: 3 });
      expect(locked.message).toMatch(/locked: HEARTLINE_KEY/);
      expect(locked.hint).toMatch(/Set HEARTLINE_KEY/);
      expect(failure(() => store(env).put({ u: 'v' })).code).toBe('secrets-locked');
      expect(store(env).status()).toMatchObject({ state: 'locked', names: [] });
    }
    expect(store({ HEARTLINE_KEY: 'a long enough key' }).value('t')).toBe(SECRET);
  });

  it('of two things that are set up each opens it: the desktop and the command line share it', () => {
    const desktop = store({}, keychain());
    desktop.put({ t: SECRET });
    expect(failure(() => store().value('t')).hint).toMatch(/desktop app/);
    desktop.addKey('passphrase', 'correct horse');
    expect(store({ HEARTLINE_PASSPHRASE: 'correct horse' }).value('t')).toBe(SECRET);
    expect(store({}, keychain()).value('t')).toBe(SECRET);
    const typed = store();
    expect(failure(() => typed.unlock('wrong horse!')).code).toBe('wrong-passphrase');
    expect(failure(() => typed.value('t')).code).toBe('secrets-locked');
    typed.unlock('correct horse');
    expect(typed.value('t')).toBe(SECRET);
    desktop.dropKey('passphrase');
    expect(failure(() => store({ HEARTLINE_PASSPHRASE: 'correct horse' }).value('t')).code).toBe('secrets-locked');
    expect(failure(() => desktop.dropKey('os')).code).toBe('last-key');
  });

  it('a key that comes to hand later opens it from the next change on', () => {
    store({ HEARTLINE_KEY: 'a long enough key' }).put({ t: SECRET });
    store({ HEARTLINE_KEY: 'a long enough key' }, keychain()).put({ u: 'second' });
    expect(store({}, keychain()).value('t')).toBe(SECRET);
  });

  it('without any, a key file of its own is made, and it says how little that is', () => {
    const first = store();
    expect(first.status()).toMatchObject({ state: 'empty', weak: true });
    first.put({ t: SECRET });
    expect(readdirSync(dir).toSorted()).toEqual(['secrets', 'secrets.key']);
    expect(statSync(join(dir, 'secrets.key')).mode & 0o077).toBe(0);
    expect(store().value('t')).toBe(SECRET);
    expect(store().status().text).toMatch(/whoever can read your files can read them/);
    expect(store({}, keychain('basic')).status().text).toMatch(/basic_text/);
    // a real key takes its place
    store().addKey('passphrase', 'correct horse');
    expect(store().status()).toMatchObject({ state: 'locked', keys: ['passphrase'] });
    expect(store({ HEARTLINE_PASSPHRASE: 'correct horse' }).value('t')).toBe(SECRET);
  });

  it('takes a key file that is named, and says what is wrong with one', () => {
    const key = join(dir, 'my.key');
    writeFileSync(key, 'k'.repeat(44));
    store({ HEARTLINE_KEY_FILE: key }).put({ t: SECRET });
    expect(store({ HEARTLINE_KEY_FILE: key }).status()).toMatchObject({ keys: ['key-file'], weak: false });
    writeFileSync(key, 'short');
    expect(failure(() => store({ HEARTLINE_KEY_FILE: key }).value('t'))).toMatchObject({
      code: 'cannot-read',
      place: key,
    });
    rmSync(file());
    expect(failure(() => store({ HEARTLINE_KEY: 'short' }).put({ a: 'b' })).place).toBe('HEARTLINE_KEY');
  });

  it.each(['', '{ half', '[]', '{"v":2}'])('a file that says %s is left as it is', (text) => {
    writeFileSync(file(), text);
    const broken = failure(() => store().put({ t: SECRET }));
    expect(broken.code).toBe('secrets-broken');
    expect(broken.hint).toMatch(/left as it is/);
    expect(readFileSync(file(), 'utf8')).toBe(text);
  });

  it('a byte that was changed is found', () => {
    store().put({ t: SECRET });
    const sealed = JSON.parse(readFileSync(file(), 'utf8')) as { box: { data: string } };
    const data = Buffer.from(sealed.box.data, 'base64');
    data[0]! ^= 1;
    sealed.box.data = data.toString('base64');
    writeFileSync(file(), JSON.stringify(sealed));
    expect(failure(() => store().value('t')).code).toBe('secrets-broken');
  });

  it('of two programs both keep their work, and whoever holds the file is named', () => {
    const [one, two] = [store(), store()];
    one.put({ a: 'one' });
    two.put({ b: 'two' });
    one.put({ c: 'three' });
    expect(two.names()).toEqual(['a', 'b', 'c']);
    writeFileSync(`${file()}.lock`, String(process.ppid));
    const held = failure(() => one.put({ d: 'four' }));
    expect(held).toMatchObject({ code: 'held', place: file() });
    expect(held.message).toContain(String(process.ppid));
  });

  it('remembers which commands were confirmed, by their text', () => {
    store().confirm('print-token --scope orders');
    expect(store().isConfirmed('print-token --scope orders')).toBe(true);
    expect(store().isConfirmed('print-token --scope orders; rm -rf ~')).toBe(false);
  });

  it('without a place keeps them in memory', () => {
    const memory = new SecretStore({ dir: null });
    memory.put({ t: SECRET });
    expect(memory.value('t')).toBe(SECRET);
    expect(memory.status().state).toBe('memory');
  });
});
