import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { acceptEncoding } from '../../../../src/engine/client/net/accept-encoding.ts';
import { bodyCoding, contentDecoder } from '../../../../src/engine/client/net/content-decoder.ts';
import type { ContentCoding } from '../../../../src/shared/content-coding.ts';

/** Feeds the pieces one after the other; what came out, and how it ended. */
async function undo(codings: ContentCoding[], pieces: Buffer[]): Promise<{ text: string; error: Error | null }> {
  const out: Buffer[] = [];
  return new Promise((resolve) => {
    const over = (error: Error | null): void => resolve({ text: Buffer.concat(out).toString(), error });
    const decoder = contentDecoder(codings, { onData: (c) => !!out.push(c), onError: over, onDrain: () => {} });
    for (const piece of pieces) decoder.write(piece);
    decoder.end(over);
  });
}

const TEXT = 'id: 1\ndata: {"price": 1}\n\nid: 2\ndata: größer\n\n';
const CODED: [string, ContentCoding[], Buffer][] = [
  ['gzip', ['gzip'], zlib.gzipSync(TEXT)],
  ['deflate', ['deflate'], zlib.deflateSync(TEXT)],
  ['bare deflate', ['deflate'], zlib.deflateRawSync(TEXT)],
  ['br', ['br'], zlib.brotliCompressSync(TEXT)],
  ['zstd', ['zstd'], zlib.zstdCompressSync(TEXT)],
  ['gzip over br', ['gzip', 'br'], zlib.gzipSync(zlib.brotliCompressSync(TEXT))],
];

describe('a coded body', () => {
  it.each(CODED)('of %s is read, cut anywhere', async (_name, codings, bytes) => {
    for (let at = 0; at <= bytes.length; at++) {
      expect(await undo(codings, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ text: TEXT, error: null });
    }
    const single = [...bytes].map((byte) => Buffer.from([byte]));
    expect(await undo(codings, single)).toEqual({ text: TEXT, error: null });
  });

  it.each(CODED)('of %s that breaks off says so', async (_name, codings, bytes) => {
    expect((await undo(codings, [bytes.subarray(0, -6)])).error).toBeInstanceOf(Error);
  });

  it('of several gzip members is one body', async () => {
    const bytes = Buffer.concat([zlib.gzipSync('one '), zlib.gzipSync('two')]);
    for (let at = 0; at <= bytes.length; at++) {
      expect((await undo(['gzip'], [bytes.subarray(0, at), bytes.subarray(at)])).text).toBe('one two');
    }
  });

  it.each(CODED.slice(0, 5))('of %s ends with its coding, whatever follows', async (_name, codings, bytes) => {
    expect(await undo(codings, [bytes, Buffer.from('trailing'), Buffer.from('more')])).toEqual({
      text: TEXT,
      error: null,
    });
    expect(await undo(codings, [Buffer.concat([bytes, Buffer.from('trailing')])])).toEqual({ text: TEXT, error: null });
  });

  it('of gzip is read whatever its header holds, and checked', async () => {
    const plain = zlib.gzipSync(TEXT);
    const head = Buffer.from([0x1f, 0x8b, 8, 4 + 8 + 16 + 2, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3]);
    const full = Buffer.concat([head, Buffer.from('name\0comment\0crc'), plain.subarray(10)]);
    // a header checksum has two bytes
    const bytes = Buffer.concat([full.subarray(0, head.length + 15), full.subarray(head.length + 16)]);
    for (let at = 0; at <= bytes.length; at++) {
      expect(await undo(['gzip'], [bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ text: TEXT, error: null });
    }
    for (const at of [plain.length - 1, plain.length - 8]) {
      const broken = Buffer.from(plain);
      broken[at]! ^= 1;
      expect((await undo(['gzip'], [broken])).error?.message).toMatch(/^incorrect (data|length) check$/);
    }
  });

  it('of gzip in many members, with garbage behind, is read however much it unfolds to', async () => {
    const big = Buffer.alloc(3 * 1024 ** 2, 'x');
    const bytes = Buffer.concat([
      zlib.gzipSync(big),
      zlib.gzipSync(''),
      zlib.gzipSync('end'),
      Buffer.from('\x1fgarbage'),
    ]);
    for (const codings of [['gzip'], ['gzip', 'gzip']] as ContentCoding[][]) {
      const coded = codings.length === 1 ? bytes : zlib.gzipSync(bytes);
      const { text, error } = await undo(codings, [coded]);
      expect([text.length, text.endsWith('xend'), error]).toEqual([big.length + 3, true, null]);
    }
  });

  it('that never came is empty, not broken', async () => {
    expect(await undo(['gzip'], [])).toEqual({ text: '', error: null });
  });

  it('that is none of its coding is an error', async () => {
    for (const coding of ['gzip', 'zstd'] as const) {
      expect((await undo([coding], [Buffer.from('data: plain text\n\n')])).error).toBeInstanceOf(Error);
    }
  });
});

it('an unknown coding, or too many, is named and not undone', () => {
  expect(bodyCoding({})).toBeNull();
  expect(bodyCoding({ 'content-encoding': 'identity' })).toBeNull();
  expect(bodyCoding({ 'content-encoding': 'GZIP' })).toEqual({ name: 'gzip', undo: ['gzip'] });
  expect(bodyCoding({ 'content-encoding': 'br, gzip' })).toEqual({ name: 'br, gzip', undo: ['gzip', 'br'] });
  expect(bodyCoding({ 'content-encoding': 'aws-chunked' })).toEqual({ name: 'aws-chunked', undo: null });
  expect(bodyCoding({ 'content-encoding': Array(50).fill('gzip').join() })?.undo).toBeNull();
});

it('a lane accepts what Chromium accepts there, unless it is set', () => {
  const all = 'gzip, deflate, br, zstd';
  expect(acceptEncoding(undefined, 'http://example.org/x')).toBe('gzip, deflate');
  expect(acceptEncoding(undefined, 'https://example.org/x')).toBe(all);
  for (const host of ['localhost', 'app.localhost', '127.0.0.1', '[::1]']) {
    expect(acceptEncoding(undefined, `http://${host}:8080/x`)).toBe(all);
  }
  expect(acceptEncoding('off', 'https://example.org/')).toBe('identity');
  expect(acceptEncoding('br;q=0.5', 'http://example.org/')).toBe('br;q=0.5');
});
