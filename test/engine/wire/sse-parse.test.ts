import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SseParser, type SsePart } from '../../../src/engine/wire/sse-parse.ts';
import { EXPECT, TORTURE } from '../../fixtures/sse-torture.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const events = (parts: SsePart[]) =>
  parts.flatMap((p) => (p.part === 'event' ? [[p.type, p.lastEventId, p.data] as [string, string, string]] : []));

/** The whole input in pieces, cut at the given places. */
function inPieces(input: Uint8Array, cuts: number[], options = {}): SsePart[] {
  const parser = new SseParser(options);
  const at = [...new Set(cuts.map((c) => c % (input.length + 1)))].sort((a, b) => a - b);
  const out: SsePart[] = [];
  let from = 0;
  for (const to of [...at, input.length]) {
    const piece = Uint8Array.from(input.subarray(from, to));
    out.push(...parser.feed(piece));
    piece.fill(0); // a reader uses its buffer again
    from = to;
  }
  return out;
}

/** The standard's algorithm on the whole text at once, as an oracle: decode, split, fold. */
function byTheBook(input: Uint8Array): [string, string, string][] {
  const text = new TextDecoder('utf-8').decode(input);
  const lines = text.split(/\r\n|\r|\n/);
  lines.pop(); // not ended
  const out: [string, string, string][] = [];
  let data = '';
  let type = '';
  let id = '';
  for (const line of lines) {
    if (line === '') {
      if (data !== '') out.push([type || 'message', id, data.slice(0, -1)]);
      data = type = '';
      continue;
    }
    const [, name = '', value = ''] = /^([^:]*)(?::\u0020?([^]*))?$/.exec(line) ?? [];
    if (name === 'data') data += `${value}\n`;
    else if (name === 'event') type = value;
    else if (name === 'id' && !value.includes('\0')) id = value;
  }
  return out;
}

const torture = Buffer.concat(TORTURE);
const small = Buffer.concat(TORTURE.filter((b) => b.length < 1000));
const EXPECT_SMALL = EXPECT.filter(([, , data]) => data.length < 1000);

describe('the event-stream parser', () => {
  it('dispatches what the standard says, piece by piece', () => {
    const parser = new SseParser();
    expect(events(TORTURE.flatMap((piece) => parser.feed(piece)))).toEqual(EXPECT);
  });

  it.each([1, 2, 3, 7, 64, 4096])('does so in pieces of %i bytes', (size) => {
    const input = size < 64 ? small : torture;
    const cuts = Array.from({ length: Math.floor(input.length / size) }, (_, i) => (i + 1) * size);
    expect(events(inPieces(input, cuts))).toEqual(size < 64 ? EXPECT_SMALL : EXPECT);
  });

  it('gives the same parts however the bytes are cut', () => {
    const whole = inPieces(small, []);
    fc.assert(
      fc.property(fc.array(fc.nat(small.length), { maxLength: 60 }), (cuts) => {
        expect(inPieces(small, cuts)).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('agrees with the standard on any bytes, however cut', () => {
    const piece = fc.oneof(
      fc
        .constantFrom(
          'data',
          'event',
          'id',
          'retry',
          ':',
          ': ',
          ' ',
          '\n',
          '\r',
          '\r\n',
          '\n\n',
          '\0',
          '\ufeff',
          'é☃😀',
        )
        .map(bytes),
      fc.uint8Array({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), fc.array(fc.nat(400), { maxLength: 20 }), (pieces, cuts) => {
        const input = Buffer.concat(pieces);
        expect(events(inPieces(input, cuts))).toEqual(byTheBook(input));
      }),
      { numRuns: 2000 },
    );
  });

  it('dispatches on a lone CR at once, without waiting for what follows', () => {
    const parser = new SseParser();
    expect(events(parser.feed(bytes('data: x\r\r')))).toEqual([['message', '', 'x']]);
    // the LF belongs to the CR before it: it ends no second line
    expect(events(parser.feed(bytes('\ndata: y\n\n')))).toEqual([['message', '', 'y']]);
  });

  it('reads a megabyte of nothing but CR as fast as any other', () => {
    const read = (pieces: number): number => {
      const parser = new SseParser({ lines: true });
      const piece = new Uint8Array((1 << 20) / pieces).fill(13);
      const began = performance.now();
      for (let i = 0; i < pieces; i++) expect(parser.feed(piece)).toHaveLength(piece.length);
      const took = performance.now() - began;
      expect(parser.feed(bytes('\ndata: a\r\r'))).toMatchObject([{}, {}, { part: 'event', data: 'a' }]);
      return took;
    };
    // where each line looks to the end of the chunk again, one big chunk takes 64 times as long as small ones
    expect(read(1)).toBeLessThan(2500 + 8 * read(64));
  });

  it('hands out comments, retry, ids that move alone, and fields it does not know', () => {
    const parser = new SseParser();
    expect(
      parser.feed(bytes(': hb k3f9.4\n:bare\nretry: 1500\nretry: 1x\nid: 4\n\ntime: 99\nid: 5\ndata: a\n\n')),
    ).toEqual([
      { part: 'comment', text: 'hb k3f9.4', bytes: 12 },
      { part: 'comment', text: 'bare', bytes: 6 },
      { part: 'retry', ms: 1500 },
      { part: 'id', lastEventId: '4' },
      {
        part: 'event',
        type: 'message',
        data: 'a',
        lastEventId: '5',
        ownId: true,
        extra: { time: '99' },
        bytes: 'time: 99\nid: 5\ndata: a\n\n'.length,
      },
    ]);
  });

  it('tells an id of its own from one that sticks', () => {
    const parser = new SseParser();
    const parts = parser.feed(bytes('id: 1\ndata: a\n\ndata: b\n\n'));
    expect(parts.map((p) => p.part === 'event' && [p.lastEventId, p.ownId])).toEqual([
      ['1', true],
      ['1', false],
    ]);
  });

  it('takes a line of 1 MiB and no more, and then nothing', () => {
    const limit = 1024 * 1024;
    const fits = new SseParser();
    expect(events(fits.feed(bytes(`data: ${'x'.repeat(limit - 6)}\n\n`)))[0]![2].length).toBe(limit - 6);
    for (const size of [limit + 1, 10 * limit]) {
      const parser = new SseParser();
      const out: SsePart[] = [];
      const chunk = new Uint8Array(65_536).fill(120);
      for (let sent = 0; sent < size; sent += chunk.length) out.push(...parser.feed(chunk));
      expect(out).toEqual([{ part: 'too-long', what: 'line', limit }]);
      expect(parser.feed(bytes('\n\ndata: late\n\n'))).toEqual([]);
    }
  });

  it('takes an event of many lines up to a limit', () => {
    const parser = new SseParser({ eventLimit: 100 });
    expect(parser.feed(bytes('data: 0123456789\n'.repeat(10))).at(-1)).toEqual({
      part: 'too-long',
      what: 'event',
      limit: 100,
    });
  });
});
