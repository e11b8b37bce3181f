/** Answers of an origin, and what a client with a parser of its own makes of what the path hands on. */

export interface ResponseCase {
  /** Begins with the section of the RFC: 9112 where no other is named. */
  name: string;
  bytes: string;
  /** The origin closes behind it. */
  fin?: true;
  request?: string;
  expect: {
    /** 502 where the answer is refused. */
    status: number;
    /** `cut`: a client can tell that it is not whole, by 502 where the head was not sent yet. */
    body?: string | 'cut';
    fields?: Record<string, string | undefined>;
    interim?: number[];
  };
}

const ok = (fields: string, body = ''): string => `HTTP/1.1 200 OK\r\n${fields}\r\n${body}`;
const chunked = (body: string, fields = ''): string => ok(`Transfer-Encoding: chunked\r\n${fields}`, body);
const hello = { status: 200, body: 'hello' };
const refused = { status: 502 };
const HEAD = 'HEAD /a HTTP/1.1\r\nHost: origin\r\n\r\n';
const POISON = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison';

const HEADS: ResponseCase[] = [
  { name: '4: garbage', bytes: 'SSH-2.0-OpenSSH\r\n\r\n', expect: refused },
  { name: '4: no reason phrase', bytes: 'HTTP/1.1 200 \r\nContent-Length: 5\r\n\r\nhello', expect: hello },
  { name: '4: two spaces', bytes: 'HTTP/1.1  200 OK\r\nContent-Length: 5\r\n\r\nhello', expect: refused },
  { name: '4: a status of two digits', bytes: 'HTTP/1.1 99 No\r\n\r\n', expect: refused },
  { name: '4: a status below 100 (9110, 15)', bytes: 'HTTP/1.1 042 No\r\nContent-Length: 0\r\n\r\n', expect: refused },
  { name: '4: HTTP/2.0', bytes: 'HTTP/2.0 200 OK\r\nContent-Length: 5\r\n\r\nhello', expect: refused },
  { name: '4: HTTP/0.9', bytes: 'hello\r\n\r\n', fin: true, expect: refused },
  { name: '2.2: lines that end in LF alone', bytes: 'HTTP/1.1 200 OK\nContent-Length: 5\n\nhello', expect: refused },
  {
    name: '2.2: a bare CR in the status line',
    bytes: 'HTTP/1.1 200 O\rK\r\nContent-Length: 5\r\n\r\nhello',
    expect: refused,
  },
  { name: '5: no colon', bytes: ok('nothing\r\nContent-Length: 5\r\n', 'hello'), expect: refused },
  { name: '5: no name', bytes: ok(': x\r\nContent-Length: 5\r\n', 'hello'), expect: refused },
  {
    name: '5.1: whitespace before the colon is taken out',
    bytes: ok('X : 1\r\nContent-Length : 5\r\n', 'hello'),
    expect: { ...hello, fields: { x: '1' } },
  },
  { name: '5.2: a folded line', bytes: ok('X: a\r\n b\r\nContent-Length: 5\r\n', 'hello'), expect: refused },
  {
    name: '9110, 5.5: a bare LF splits nothing',
    bytes: ok('X: a\nSet-Cookie: evil=1\r\nContent-Length: 5\r\n', 'hello'),
    expect: refused,
  },
  {
    name: '9110, 5.5: a bare CR',
    bytes: ok('X: a\rSet-Cookie: evil=1\r\nContent-Length: 5\r\n', 'hello'),
    expect: refused,
  },
  { name: '9110, 5.5: NUL', bytes: ok('X: a\0\r\nContent-Length: 5\r\n', 'hello'), expect: refused },
  { name: '3 of RFC 6585: a head of 100 KiB', bytes: ok(`X: ${'a'.repeat(100_000)}\r\n`), expect: refused },
];

const BODIES: ResponseCase[] = [
  { name: '6.2: a length', bytes: ok('Content-Length: 5\r\n', 'hello'), expect: hello },
  { name: '6.2: a length of nothing', bytes: ok('Content-Length: 0\r\n'), expect: { status: 200, body: '' } },
  {
    name: '6.3: two equal lengths go on as one',
    bytes: ok('Content-Length: 5\r\nContent-Length: 5\r\n', 'hello'),
    expect: { ...hello, fields: { 'content-length': '5' } },
  },
  {
    name: '6.3: two lengths that differ',
    bytes: ok('Content-Length: 3\r\nContent-Length: 5\r\n', 'hello'),
    expect: refused,
  },
  { name: '6.3: a list of lengths that differ', bytes: ok('Content-Length: 3, 5\r\n', 'hello'), expect: refused },
  ...['+5', '-5', '0x5', '5a', '', '5 5', '\x0b5', '9'.repeat(20)].map((value): ResponseCase => ({
    name: `6.3: Content-Length ${JSON.stringify(value)}`,
    bytes: ok(`Content-Length: ${value}\r\n`, 'hello'),
    fin: true,
    expect: refused,
  })),
  {
    name: '6.3: lengths that differ after HEAD',
    request: HEAD,
    bytes: ok('Content-Length: 3\r\nContent-Length: 5\r\n'),
    expect: refused,
  },
  { name: '6.3: until the end of the connection', bytes: ok('', 'hello'), fin: true, expect: hello },
  {
    name: '8: a body shorter than its length',
    bytes: ok('Content-Length: 9\r\n', 'hello'),
    fin: true,
    expect: { status: 200, body: 'cut' },
  },
  {
    name: '8: chunks without a last one',
    bytes: chunked('5\r\nhello\r\n'),
    fin: true,
    expect: { status: 200, body: 'cut' },
  },
  {
    name: '8: a chunk shorter than its size',
    bytes: chunked('9\r\nhello'),
    fin: true,
    expect: { status: 200, body: 'cut' },
  },
];

const CODINGS: ResponseCase[] = [
  { name: '7.1: chunks', bytes: chunked('3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'), expect: hello },
  {
    name: '6.3: Transfer-Encoding overrides Content-Length, which is taken out',
    bytes: chunked('5\r\nhello\r\n0\r\n\r\n', 'Content-Length: 3\r\n'),
    expect: { ...hello, fields: { 'content-length': undefined } },
  },
  {
    name: '6.3: Content-Length before Transfer-Encoding as well',
    bytes: ok('Content-Length: 3\r\nTransfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    expect: { ...hello, fields: { 'content-length': undefined } },
  },
  {
    name: '6.1: HTTP/1.0 with Transfer-Encoding',
    bytes: 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    fin: true,
    expect: refused,
  },
  ...[
    'xchunked',
    'identity',
    'gzip, chunked',
    'chunked, identity',
    'chunked, chunked',
    '\x0bchunked',
    '\xa0chunked',
    '',
    'chunked;a',
  ].map((value): ResponseCase => ({
    name: `6.1: Transfer-Encoding ${JSON.stringify(value)}`,
    bytes: ok(`Transfer-Encoding: ${value}\r\n`, '5\r\nhello\r\n0\r\n\r\n'),
    fin: true,
    expect: refused,
  })),
  {
    name: '7.1.1: extensions and a trailer are not passed on',
    bytes: chunked('5;x=y\r\nhello\r\n0\r\nX-T: 1\r\n\r\n', 'Trailer: X-T\r\n'),
    expect: { ...hello, fields: { 'x-t': undefined, trailer: undefined } },
  },
  ...['0x5', '-5', '5 ', 'f'.repeat(17), 'hello', ''].map((size): ResponseCase => ({
    name: `7.1: size ${JSON.stringify(size)}`,
    bytes: chunked(`${size}\r\nhello\r\n0\r\n\r\n`),
    expect: { status: 200, body: 'cut' },
  })),
  {
    name: '7.1: data longer than its size',
    bytes: chunked('3\r\nhello\r\n0\r\n\r\n'),
    expect: { status: 200, body: 'cut' },
  },
  { name: '7.1: lines that end in LF alone', bytes: chunked('5\nhello\n0\n\n'), expect: { status: 200, body: 'cut' } },
  {
    name: '7.1.2: a trailer line that is no field',
    bytes: chunked('5\r\nhello\r\n0\r\nnothing\r\n\r\n'),
    expect: { status: 200, body: 'cut' },
  },
];

const WITHOUT_BODY: ResponseCase[] = [
  {
    name: '6.3: 204 has no body, nor a length (9110, 8.6)',
    bytes: `HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello`,
    expect: { status: 204, body: '', fields: { 'content-length': undefined } },
  },
  {
    name: '6.3: 204 with chunks',
    bytes: `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    expect: { status: 204, body: '', fields: { 'transfer-encoding': undefined } },
  },
  {
    name: '6.3: 204 and another answer behind it',
    bytes: `HTTP/1.1 204 No Content\r\n\r\n${POISON}`,
    expect: { status: 204, body: '' },
  },
  {
    name: '6.3: 304 keeps its length and has no body',
    bytes: `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n`,
    expect: { status: 304, body: '', fields: { 'content-length': '5' } },
  },
  {
    name: '6.3: 304 with a body',
    bytes: `HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nhello`,
    expect: { status: 304, body: '' },
  },
  {
    name: '6.3: HEAD keeps its length and has no body',
    request: HEAD,
    bytes: ok('Content-Length: 5\r\n'),
    expect: { status: 200, body: '', fields: { 'content-length': '5' } },
  },
  {
    name: '6.3: HEAD with a body',
    request: HEAD,
    bytes: ok('Content-Length: 5\r\n', 'hello'),
    expect: { status: 200, body: '' },
  },
  {
    name: '6.3: HEAD with chunks',
    request: HEAD,
    bytes: chunked('5\r\nhello\r\n0\r\n\r\n'),
    expect: { status: 200, body: '' },
  },
  {
    name: '6.3: a whole answer behind the answer',
    bytes: ok('Content-Length: 5\r\n', 'hello') + POISON,
    expect: hello,
  },
  {
    name: '6.3: a whole answer behind the last chunk',
    bytes: chunked('5\r\nhello\r\n0\r\n\r\n') + POISON,
    expect: hello,
  },
  {
    name: '6.3: a whole answer behind one of length nothing',
    bytes: ok('Content-Length: 0\r\n') + POISON,
    expect: { status: 200, body: '' },
  },
];

const INTERIM: ResponseCase[] = [
  {
    name: '9110, 15.2: 103, then 200',
    bytes: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${ok('Content-Length: 5\r\n', 'hello')}`,
    expect: { ...hello, interim: [103] },
  },
  {
    name: '9110, 15.2: 100 nobody asked for, then 200',
    bytes: `HTTP/1.1 100 Continue\r\n\r\n${ok('Content-Length: 5\r\n', 'hello')}`,
    expect: { ...hello, interim: [100] },
  },
  {
    name: '6.3: 1xx with a length',
    bytes: `HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\n${ok('Content-Length: 5\r\n', 'hello')}`,
    expect: { ...hello, interim: [103] },
  },
  {
    name: '6.3: 1xx with a length and a body',
    bytes: `HTTP/1.1 103 Early Hints\r\nContent-Length: 6\r\n\r\npoison${ok('Content-Length: 5\r\n', 'hello')}`,
    expect: refused,
  },
  {
    name: '6.3: 1xx with chunks',
    bytes: `HTTP/1.1 103 Early Hints\r\nTransfer-Encoding: chunked\r\n\r\n${ok('Content-Length: 5\r\n', 'hello')}`,
    expect: { ...hello, interim: [103] },
  },
  {
    name: '9110, 15.2.2: 101 nobody asked for',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw',
    expect: refused,
  },
  {
    name: '9110, 7.8: 101 to another protocol than was asked for',
    request: 'GET /a HTTP/1.1\r\nHost: origin\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    bytes: 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nraw',
    expect: refused,
  },
];

const CONNECTION: ResponseCase[] = [
  ...['content-length', 'close, Content-Length', 'content-type, set-cookie'].map((named): ResponseCase => ({
    name: `9110, 7.6.1: Connection ${named} takes nothing away that is for all`,
    bytes: ok(`Connection: ${named}\r\nContent-Length: 5\r\nContent-Type: text/plain\r\nSet-Cookie: a=b\r\n`, 'hello'),
    expect: { ...hello, fields: { 'content-length': '5', 'content-type': 'text/plain', 'set-cookie': 'a=b' } },
  })),
  {
    name: '9110, 7.6.1: Connection transfer-encoding keeps the chunks',
    bytes: chunked('5\r\nhello\r\n0\r\n\r\n', 'Connection: transfer-encoding\r\n'),
    expect: hello,
  },
  {
    name: '9110, 7.6.1: fields about the connection end here',
    bytes: ok('Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nContent-Length: 5\r\n', 'hello'),
    expect: { ...hello, fields: { 'x-hop': undefined, 'keep-alive': undefined } },
  },
];

export const RESPONSE_CASES: readonly ResponseCase[] = [
  ...HEADS,
  ...BODIES,
  ...CODINGS,
  ...WITHOUT_BODY,
  ...INTERIM,
  ...CONNECTION,
];
