import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestFraming, responseFraming } from '../../../../src/engine/proxy/http/body-framing.ts';
import { BodyReader, encodeChunk, LAST_CHUNK } from '../../../../src/engine/proxy/http/body-reader.ts';
import { field, listIncludes, MalformedMessage } from '../../../../src/engine/proxy/http/message.ts';
import { headEnd, parseRequest, parseResponse } from '../../../../src/engine/proxy/http/parse-head.ts';

const request = (text: string) => parseRequest(Buffer.from(text.replaceAll('\n', '\r\n')));
const response = (text: string) => parseResponse(Buffer.from(text.replaceAll('\n', '\r\n')));

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, at: number[]): Buffer[] {
  const places = [...new Set(at.map((n) => n % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, i) => bytes.subarray(i === 0 ? 0 : places[i - 1], end));
}

describe('a head', () => {
  it('is read as it stands', () => {
    const head = request('GET /poll?after=1 HTTP/1.1\nHost: a\nX-Two: 1\nx-two:  2 \n\n');
    expect(head).toMatchObject({ method: 'GET', target: '/poll?after=1', version: '1.1' });
    expect(field(head, 'x-two')).toBe('1, 2');
    expect(field(head, 'absent')).toBeUndefined();
    expect(response('HTTP/1.0 404\n\n')).toMatchObject({ status: 404, reason: '', version: '1.0' });
    expect(response('HTTP/1.1 504 Gateway Time-out\n\n').reason).toBe('Gateway Time-out');
  });

  it('ends at its empty line, and may not grow without end', () => {
    expect(headEnd(Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n'))).toBe(-1);
    expect(headEnd(Buffer.from('GET / HTTP/1.1\r\n\r\nmore'))).toBe(18);
    expect(() => headEnd(Buffer.alloc(70_000, 'x'))).toThrow(MalformedMessage);
  });

  it.each([
    'GET /\n\n',
    'GET / HTTP/2.0\n\n',
    'G@T / HTTP/1.1\n\n',
    'GET  / HTTP/1.1\n\n',
    'GET / HTTP/1.1\nHost : a\n\n',
    'GET / HTTP/1.1\n folded\n\n',
    'GET / HTTP/1.1\nno colon\n\n',
  ])('%j is refused', (text) => expect(() => request(text)).toThrow(MalformedMessage));

  it('knows a word in a list', () => {
    expect(listIncludes('keep-alive, Upgrade', 'upgrade')).toBe(true);
    expect(listIncludes('gzip;q=0.5, br', 'gzip')).toBe(true);
    expect(listIncludes('upgraded', 'upgrade')).toBe(false);
    expect(listIncludes(undefined, 'gzip')).toBe(false);
  });
});

describe('where a body ends', () => {
  it.each([
    ['POST / HTTP/1.1\nContent-Length: 5\n\n', { by: 'length', length: 5 }],
    ['POST / HTTP/1.1\nTransfer-Encoding: chunked\n\n', { by: 'chunks' }],
    ['GET / HTTP/1.1\nHost: a\n\n', { by: 'nothing' }],
  ])('%j', (text, framing) => expect(requestFraming(request(text))).toEqual(framing));

  it.each([
    'POST / HTTP/1.1\nContent-Length: 5\nTransfer-Encoding: chunked\n\n',
    'POST / HTTP/1.1\nContent-Length: 5\nContent-Length: 6\n\n',
    'POST / HTTP/1.1\nContent-Length: -1\n\n',
    'POST / HTTP/1.1\nTransfer-Encoding: gzip\n\n',
  ])('%j is refused, for it may be smuggled', (text) => {
    expect(() => requestFraming(request(text))).toThrow(MalformedMessage);
  });

  it.each([
    ['HTTP/1.1 200 OK\nContent-Length: 5\n\n', 'HEAD', { by: 'nothing' }],
    ['HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n', 'GET', { by: 'nothing' }],
    ['HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n', 'GET', { by: 'chunks' }],
    ['HTTP/1.1 200 OK\n\n', 'GET', { by: 'close' }],
  ])('%j after %s', (text, method, framing) => expect(responseFraming(response(text), method)).toEqual(framing));
});

describe('a body', () => {
  it('comes through whole however it is cut, and no byte after it is taken', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (payload, cuts, chunked) => {
        const whole = Buffer.concat(payload);
        const wire = chunked ? Buffer.concat([...payload.map(encodeChunk), LAST_CHUNK]) : whole;
        const reader = new BodyReader(chunked ? { by: 'chunks' } : { by: 'length', length: whole.length });
        const out: Buffer[] = [];
        let taken = 0;
        for (const piece of cut(Buffer.concat([wire, Buffer.from('GET /')]), cuts)) {
          if (!reader.done) taken += reader.read(piece, (b) => out.push(Buffer.from(b)));
        }
        expect(reader.done).toBe(true);
        expect(taken).toBe(wire.length);
        expect(Buffer.concat(out).equals(whole)).toBe(true);
      }),
    );
  });

  it.each(['x\r\n', '5\nhello', '5\r\nhelloX\r\n', `${'1'.repeat(20)}\r\n`, '-1\r\n', '1'.repeat(9000)])(
    '%j is no chunk',
    (text) => {
      const reader = new BodyReader({ by: 'chunks' });
      expect(() => reader.read(Buffer.from(text), () => {})).toThrow(MalformedMessage);
    },
  );

  it('goes on as whole chunks wherever they are whole, and is the same body', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.array(fc.nat(), { maxLength: 8 }), (payload, cuts) => {
        const reader = new BodyReader({ by: 'chunks' });
        const out: Buffer[] = [];
        const wire = Buffer.concat([...payload.map(encodeChunk), LAST_CHUNK]);
        for (const piece of cut(wire, cuts)) {
          for (let rest = piece; rest.length > 0;) {
            const whole = reader.wholeChunks(rest);
            if (whole > 0) out.push(rest.subarray(0, whole));
            rest = rest.subarray(whole || reader.read(rest, (b) => out.push(encodeChunk(b))));
          }
        }
        expect(reader.done).toBe(true);
        let read = '';
        const sent = Buffer.concat([...out, LAST_CHUNK]);
        new BodyReader({ by: 'chunks' }).read(sent, (b) => (read += b.toString('hex')));
        expect(read).toBe(Buffer.concat(payload).toString('hex'));
        if (cuts.length === 0) expect(sent.equals(wire)).toBe(true);
      }),
    );
  });

  it.each([
    ['2\r\nhi\r\n3;a=b\r\nyou\r\n', 7],
    ['2\r\nhi\r\n0\r\n\r\n', 7],
    ['2\r\nhi\r\n3\r\nyo', 7],
    ['2 \r\nhi\r\n', 0],
    ['2\nhi\n', 0],
    ['2;a\r\n\r\n', 0],
    ['2\r\nhiXX', 0],
    ['fffffffffffff\r\n', 0],
  ])('%j begins with %i bytes of chunks that may go on as they stand', (text, whole) => {
    expect(new BodyReader({ by: 'chunks' }).wholeChunks(Buffer.from(text))).toBe(whole);
  });

  it('may have chunk extensions and a trailer, which end with it', () => {
    const reader = new BodyReader({ by: 'chunks' });
    let out = '';
    reader.read(Buffer.from('5;a="b"\r\nhello\r\n0\r\nX: y\r\n\r\n'), (b) => (out += b.toString()));
    expect(out).toBe('hello');
    expect(reader.done).toBe(true);
  });
});
