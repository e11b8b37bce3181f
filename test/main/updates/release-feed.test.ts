import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ReleaseFeed } from '../../../src/main/updates/release-feed.ts';
import { RELEASE_KEY } from '../../../src/main/updates/release-key.ts';
import { compareVersions } from '../../../src/main/updates/signed-list.ts';

const raw = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).subarray(-32).toString('base64');
const ours = generateKeyPairSync('ed25519');
const theirs = generateKeyPairSync('ed25519');
const sha512 = createHash('sha512').update('deb').digest('base64');
const list = (change: object = {}): string =>
  JSON.stringify({ version: '0.2.0', files: [{ url: 'heartline_0.2.0_amd64.deb', sha512, size: 3 }], ...change });

/** What a feed says of a server that has these texts. */
function feed(text: string, { signer = ours.privateKey, sent = text, answers = {} as Record<string, Response> } = {}) {
  const asked: string[] = [];
  const files: Record<string, Response> = {
    'https://r.example/d/latest-linux.yml': new Response(sent),
    'https://r.example/d/latest-linux.yml.sig': new Response(
      `${sign(null, Buffer.from(text), signer).toString('base64')}\n`,
    ),
    ...answers,
  };
  const made = new ReleaseFeed({
    url: 'https://r.example/d',
    list: 'latest-linux.yml',
    key: raw(ours.publicKey),
    running: '0.1.0',
    fetch: (url) => {
      asked.push(url);
      return Promise.resolve(files[url] ?? new Response('', { status: 404 }));
    },
  });
  return { feed: made, asked };
}

describe('the list of versions', () => {
  it('is believed when its signature holds, and its files lie beside it', async () => {
    const { feed: it, asked } = feed(list());
    const read = await it.getLatestVersion();
    expect(read).toMatchObject({ version: '0.2.0' });
    expect(it.resolveFiles(read).map(({ url }) => url.href)).toEqual(['https://r.example/d/heartline_0.2.0_amd64.deb']);
    expect(asked).toEqual(['https://r.example/d/latest-linux.yml', 'https://r.example/d/latest-linux.yml.sig']);
  });

  it('is refused when another key signed it, or a byte of it was changed', async () => {
    for (const wrong of [
      feed(list(), { signer: theirs.privateKey }),
      feed(list(), { sent: list({ version: '0.3.0' }) }),
      feed(list(), { sent: `${list()} ` }),
      feed(list(), { answers: { 'https://r.example/d/latest-linux.yml.sig': new Response('') } }),
      feed(list(), { answers: { 'https://r.example/d/latest-linux.yml.sig': new Response('A'.repeat(88)) } }),
    ]) {
      await expect(wrong.feed.getLatestVersion()).rejects.toMatchObject({
        code: 'update-signature',
        message: expect.stringContaining("its signature is not by this project's key"),
        place: 'https://r.example/d/latest-linux.yml',
      });
    }
  });

  it('is refused without a signature', async () => {
    const none = { 'https://r.example/d/latest-linux.yml.sig': new Response('', { status: 404 }) };
    const { feed: it } = feed(list(), { answers: none });
    await expect(it.getLatestVersion()).rejects.toMatchObject({
      code: 'update-unreachable',
      message: expect.stringContaining('answered 404'),
    });
  });

  it('is refused when it offers an older version, and not when it offers this one', async () => {
    await expect(feed(list({ version: '0.0.9' })).feed.getLatestVersion()).rejects.toMatchObject({
      code: 'update-downgrade',
      message: 'Version 0.0.9 is refused: it is older than this one, 0.1.0.',
    });
    await expect(feed(list({ version: '0.1.0-beta.1' })).feed.getLatestVersion()).rejects.toMatchObject({
      code: 'update-downgrade',
    });
    await expect(feed(list({ version: '0.1.0' })).feed.getLatestVersion()).resolves.toMatchObject({ version: '0.1.0' });
  });

  it.each([
    ['no version', { version: 'next' }, 'version is "next"'],
    ['no file', { files: [] }, 'names no file'],
    ['a file elsewhere', { files: [{ url: 'https://evil.example/x.deb', sha512, size: 3 }] }, 'no name of a file'],
    ['a file above', { files: [{ url: '../x.deb', sha512, size: 3 }] }, 'no name of a file'],
    ['a file without a hash', { files: [{ url: 'x.deb', sha512: 'abc', size: 3 }] }, 'no SHA-512'],
    ['a file without a size', { files: [{ url: 'x.deb', sha512 }] }, 'no size'],
  ])('is refused with %s, though signed', async (_, change, why) => {
    await expect(feed(list(change)).feed.getLatestVersion()).rejects.toMatchObject({
      code: 'update-list',
      message: expect.stringContaining(why),
    });
  });

  it('is not read to its end when it has none', async () => {
    const endless = new ReadableStream({ pull: (to) => to.enqueue(new Uint8Array(16 * 1024)) });
    const answers = { 'https://r.example/d/latest-linux.yml': new Response(endless) };
    await expect(feed(list(), { answers }).feed.getLatestVersion()).rejects.toMatchObject({
      message: expect.stringContaining('longer than 64 KiB'),
    });
  });
});

it('orders versions by their numbers, and what comes before a release before it', () => {
  expect(compareVersions('0.10.0', '0.9.9')).toBe('newer');
  expect(compareVersions('1.0.0', '1.0.0-rc.1')).toBe('newer');
  expect(compareVersions('1.0.0-rc.1', '1.0.0')).toBe('older');
  expect(compareVersions('1.2.3', '1.2.3')).toBe('same');
  expect(() => compareVersions('1.2', '1.2.3')).toThrow('1.2 is no version');
});

it('has a key of its own to check releases by', () => expect(Buffer.from(RELEASE_KEY, 'base64')).toHaveLength(32));
