/** Requests whose end is certain, and requests whose end is not. `Host` stands for the one field a request must have. */

export interface RequestCase {
  /** Begins with the section of the RFC: 9112 where no other is named. */
  name: string;
  bytes: string;
  /** What answers it, and the origin hears nothing; or what the origin gets, as another parser reads it. */
  expect:
    | number
    | readonly number[]
    | { method?: string; url?: string; body?: string; fields?: Record<string, string | undefined> };
}

const HOST = 'Host: origin\r\n';
const post = (fields: string, body = ''): string => `POST /a HTTP/1.1\r\n${HOST}${fields}\r\n${body}`;
const get = (fields: string): string => `GET /a HTTP/1.1\r\n${HOST}${fields}\r\n`;
const chunked = (body: string, fields = ''): string => post(`Transfer-Encoding: chunked\r\n${fields}`, body);
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: origin\r\n\r\n';
const LENGTH = `Content-Length: ${SMUGGLED.length}\r\n`;
const HELLO = 'Content-Length: 5\r\n';
/** The body whole, its end where it was. */
const whole = { url: '/a', body: SMUGGLED };
const hello = { url: '/a', body: 'hello' };

const START_LINE: RequestCase[] = [
  { name: '2.2: an empty line before the request line is ignored', bytes: `\r\n\r\n${get('')}`, expect: { url: '/a' } },
  { name: '2.2: lines that end in LF alone', bytes: 'GET /a HTTP/1.1\nHost: origin\n\n', expect: 400 },
  { name: '2.2: one line that ends in LF alone', bytes: `GET /a HTTP/1.1\r\nHost: origin\nX: 1\r\n\r\n`, expect: 400 },
  { name: '2.2: a bare CR in the request line', bytes: `GET /a\rb HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  {
    name: '2.2: whitespace between the request line and the first field',
    bytes: `GET /a HTTP/1.1\r\n X: 1\r\n${HOST}\r\n`,
    expect: 400,
  },
  { name: '2.3: HTTP/0.9', bytes: 'GET /a\r\n\r\n', expect: 400 },
  { name: '2.3: HTTP/2.0', bytes: `GET /a HTTP/2.0\r\n${HOST}\r\n`, expect: 505 },
  { name: '2.3: the preface of HTTP/2', bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', expect: 505 },
  {
    name: '2.3: a higher minor version is read as 1.1',
    bytes: `GET /a HTTP/1.2\r\n${HOST}\r\n`,
    expect: { url: '/a' },
  },
  { name: '2.3: the name of the protocol in lower case', bytes: `GET /a http/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '2.3: a version of two digits', bytes: `GET /a HTTP/1.10\r\n${HOST}\r\n`, expect: 400 },
  { name: '3: two spaces', bytes: `GET  /a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3: a tab in place of a space', bytes: `GET\t/a\tHTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3: a space behind the version', bytes: `GET /a HTTP/1.1 \r\n${HOST}\r\n`, expect: 400 },
  { name: '3: a space before the method', bytes: ` GET /a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3: no target', bytes: `GET HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.1: a control character in the method', bytes: `G\x01T /a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.1: a method that is no token', bytes: `G@T /a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  {
    name: '3.1: a method nobody knows goes on',
    bytes: `PURGE /a HTTP/1.1\r\n${HOST}\r\n`,
    expect: { method: 'PURGE' },
  },
  { name: '3.2: a space within the target', bytes: `GET /a b HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.2: NUL within the target', bytes: `GET /a\0 HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.2: a fragment', bytes: `GET /a#b HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.2.1: a target that does not begin with a slash', bytes: `GET a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  {
    name: '3.2.1: a query goes on as it is',
    bytes: `GET /a?b=%20&c HTTP/1.1\r\n${HOST}\r\n`,
    expect: { url: '/a?b=%20&c' },
  },
  {
    name: '3.2.2: absolute-form, and its host in place of the Host that came',
    bytes: `GET http://other.example:81/a?b HTTP/1.1\r\n${HOST}\r\n`,
    expect: { url: '/a?b', fields: { host: 'other.example:81' } },
  },
  {
    name: '3.2.2: absolute-form without a path',
    bytes: `GET http://origin HTTP/1.1\r\n${HOST}\r\n`,
    expect: { url: '/' },
  },
  {
    name: '3.2.2: absolute-form with a query and no path',
    bytes: `GET http://origin?b HTTP/1.1\r\n${HOST}\r\n`,
    expect: { url: '/?b' },
  },
  {
    name: '3.2.2: absolute-form with a user (9110, 4.2.4)',
    bytes: `GET http://me@origin/a HTTP/1.1\r\n${HOST}\r\n`,
    expect: 400,
  },
  {
    name: '3.2.2: absolute-form without a host (9110, 4.2.1)',
    bytes: `GET http:///a HTTP/1.1\r\n${HOST}\r\n`,
    expect: 400,
  },
  { name: '3.2.2: another scheme', bytes: `GET ftp://origin/a HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  { name: '3.2.3: authority-form for CONNECT', bytes: `CONNECT origin:80 HTTP/1.1\r\n${HOST}\r\n`, expect: 501 },
  { name: '3.2.3: authority-form for GET', bytes: `GET origin:80 HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
  {
    name: '3.2.4: asterisk-form for OPTIONS',
    bytes: `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`,
    expect: { method: 'OPTIONS', url: '*' },
  },
  { name: '3.2.4: asterisk-form for GET', bytes: `GET * HTTP/1.1\r\n${HOST}\r\n`, expect: 400 },
];

const HOST_FIELD: RequestCase[] = [
  { name: '3.2: HTTP/1.1 without Host', bytes: 'GET /a HTTP/1.1\r\n\r\n', expect: 400 },
  { name: '3.2: HTTP/1.0 without Host', bytes: 'GET /a HTTP/1.0\r\n\r\n', expect: { url: '/a' } },
  { name: '3.2: two Host fields', bytes: `GET /a HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n`, expect: 400 },
  { name: '3.2: two equal Host fields', bytes: `GET /a HTTP/1.1\r\n${HOST}${HOST}\r\n`, expect: 400 },
  { name: '3.2: two Host fields in HTTP/1.0', bytes: `GET /a HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n`, expect: 400 },
  { name: '3.2: two Host fields, one in capitals', bytes: `GET /a HTTP/1.1\r\n${HOST}HOST: b\r\n\r\n`, expect: 400 },
  { name: '3.2: two hosts in one field', bytes: 'GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n', expect: 400 },
  { name: '3.2: a host with a path', bytes: 'GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n', expect: 400 },
  { name: '3.2: a host with a user', bytes: 'GET /a HTTP/1.1\r\nHost: me@a\r\n\r\n', expect: 400 },
  { name: '3.2: a host with a space', bytes: 'GET /a HTTP/1.1\r\nHost: a b\r\n\r\n', expect: 400 },
  { name: '3.2: a host whose port is none', bytes: 'GET /a HTTP/1.1\r\nHost: a:b\r\n\r\n', expect: 400 },
  {
    name: '3.2: an IPv6 host',
    bytes: 'GET /a HTTP/1.1\r\nHost: [::1]:80\r\n\r\n',
    expect: { fields: { host: '[::1]:80' } },
  },
  {
    name: '3.2: two Hosts beside an absolute-form',
    bytes: `GET http://a/ HTTP/1.1\r\n${HOST}${HOST}\r\n`,
    expect: 400,
  },
];

const FIELDS: RequestCase[] = [
  { name: '5: no colon', bytes: get('nothing\r\n'), expect: 400 },
  { name: '5: no name', bytes: get(': x\r\n'), expect: 400 },
  { name: '5: a name that is no token', bytes: get('X(1): x\r\n'), expect: 400 },
  { name: '5: a control character in a name', bytes: get('X\x7f: x\r\n'), expect: 400 },
  { name: '5: an empty value', bytes: get('X:\r\n'), expect: { fields: { x: '' } } },
  { name: '5: no space behind the colon', bytes: get('X:1\r\n'), expect: { fields: { x: '1' } } },
  {
    name: '5: whitespace around a value is not part of it',
    bytes: get('X: \t 1 \t\r\n'),
    expect: { fields: { x: '1' } },
  },
  { name: '5.1: a space before the colon', bytes: get('X : 1\r\n'), expect: 400 },
  {
    name: '5.1: a tab before the colon of Content-Length',
    bytes: post('Content-Length\t: 5\r\n', 'hello'),
    expect: 400,
  },
  {
    name: '5.1: a space before the colon of Transfer-Encoding',
    bytes: post('Transfer-Encoding : chunked\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  { name: '5.2: a folded line', bytes: get('X: a\r\n b\r\n'), expect: 400 },
  {
    name: '5.2: a folded Transfer-Encoding',
    bytes: post('Transfer-Encoding:\r\n chunked\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  { name: '9110, 5.5: a bare LF in a value', bytes: get('X: a\nTransfer-Encoding: chunked\r\n'), expect: 400 },
  { name: '9110, 5.5: a bare CR in a value', bytes: get('X: a\rY: b\r\n'), expect: 400 },
  { name: '9110, 5.5: NUL in a value', bytes: get('X: a\0b\r\n'), expect: 400 },
  { name: '9110, 5.5: another control character in a value', bytes: get('X: a\x0bb\r\n'), expect: 400 },
  {
    name: '9110, 5.5: bytes above ASCII in a value go on',
    bytes: get('X: caf\xe9\r\n'),
    expect: { fields: { x: 'caf\xe9' } },
  },
  { name: '5.4 of RFC 6585: a head of 100 KiB', bytes: get(`X: ${'a'.repeat(100_000)}\r\n`), expect: 431 },
];

const LENGTHS: RequestCase[] = [
  { name: '6.2: a body by its length', bytes: post(LENGTH, SMUGGLED), expect: whole },
  { name: '6.2: a body of nothing', bytes: post('Content-Length: 0\r\n'), expect: { body: '' } },
  { name: '6.2: GET with a body', bytes: get(`Content-Length: 5\r\n`) + 'hello', expect: hello },
  {
    name: '6.2: leading zeros',
    bytes: post('Content-Length: 0005\r\n', 'hello'),
    expect: { ...hello, fields: { 'content-length': '5' } },
  },
  { name: '6.3: two lengths that differ', bytes: post(`${HELLO}Content-Length: 6\r\n`, 'hello!'), expect: 400 },
  { name: '6.3: a list of lengths that differ', bytes: post('Content-Length: 5, 6\r\n', 'hello!'), expect: 400 },
  {
    name: '6.3: two equal lengths go on as one',
    bytes: post(HELLO + HELLO, 'hello'),
    expect: { ...hello, fields: { 'content-length': '5' } },
  },
  {
    name: '6.3: a list of equal lengths goes on as one',
    bytes: post('Content-Length: 5, 5\r\n', 'hello'),
    expect: { ...hello, fields: { 'content-length': '5' } },
  },
  ...[
    '+5',
    '-1',
    '0x5',
    '',
    '1 2',
    '5;',
    '5a',
    '5.0',
    '5,',
    ',5',
    '5e0',
    '"5"',
    '\x0b5',
    '5\xa0',
    '\xb2',
    '9'.repeat(16),
    '9'.repeat(40),
  ].map((value): RequestCase => ({
    name: `6.3: Content-Length ${JSON.stringify(value)}`,
    bytes: post(`Content-Length: ${value}\r\n`, 'hello'),
    expect: 400,
  })),
];

const CODINGS: RequestCase[] = [
  {
    name: '6.1: Content-Length and Transfer-Encoding',
    bytes: post('Content-Length: 5\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  {
    name: '6.1: Transfer-Encoding and Content-Length',
    bytes: post('Transfer-Encoding: chunked\r\nContent-Length: 5\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  {
    name: '6.1: HTTP/1.0 with Transfer-Encoding',
    bytes: `POST /a HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    expect: 400,
  },
  {
    name: '6.1: chunked in capitals',
    bytes: post('Transfer-Encoding: CHUNKED\r\n', '5\r\nhello\r\n0\r\n\r\n'),
    expect: hello,
  },
  {
    name: '6.1: a coding that is not known',
    bytes: post('Transfer-Encoding: gzip, chunked\r\n', '0\r\n\r\n'),
    expect: 501,
  },
  {
    name: '6.3: a coding behind chunked',
    bytes: post('Transfer-Encoding: chunked, gzip\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  { name: '6.3: a coding without chunked', bytes: post('Transfer-Encoding: gzip\r\n', '0\r\n\r\n'), expect: 400 },
  {
    name: '6.1: chunked twice',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  {
    name: '6.1: two fields of which one is none',
    bytes: post('Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n', '0\r\n\r\n'),
    expect: 400,
  },
  ...[
    'xchunked',
    'identity',
    'chunked, identity',
    'identity, chunked;q=1',
    '\x0bchunked',
    '\xa0chunked',
    'chunked\x0c',
    '',
    ', chunked',
    'chunked,',
    '"chunked"',
    "'chunked'",
    'chunked;a=b',
    'chunked\0',
    'chunke\xa4',
    'chunked chunked',
  ].map((value): RequestCase => ({
    name: `6.1: Transfer-Encoding ${JSON.stringify(value)}`,
    bytes: post(`Transfer-Encoding: ${value}\r\n`, '0\r\n\r\n'),
    expect: 400,
  })),
];

const CHUNKS: RequestCase[] = [
  { name: '7.1: chunks', bytes: chunked('3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n'), expect: hello },
  {
    name: '7.1: a size in capitals, with leading zeros',
    bytes: chunked(`000A\r\nhellohello\r\n000\r\n\r\n`),
    expect: { body: 'hellohello' },
  },
  {
    name: '7.1: a request within a chunk stays in it',
    bytes: chunked(`${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`),
    expect: whole,
  },
  ...[
    '0x3',
    '-3',
    '+3',
    '',
    ' 3',
    '3 ',
    'g',
    '3,',
    '3 3',
    '3\0',
    '\x0b3',
    'f'.repeat(16),
    'f'.repeat(17),
    '1' + '0'.repeat(15) + '3',
  ].map((size): RequestCase => ({
    name: `7.1: size ${JSON.stringify(size)}`,
    bytes: chunked(`${size}\r\nabc\r\n0\r\n\r\n`),
    expect: 400,
  })),
  { name: '7.1: lines that end in LF alone', bytes: chunked('3\nabc\n0\n\n'), expect: 400 },
  { name: '7.1: data that ends in LF alone', bytes: chunked('3\r\nabc\n0\r\n\r\n'), expect: 400 },
  { name: '7.1: data longer than its size', bytes: chunked('3\r\nabcd\r\n0\r\n\r\n'), expect: 400 },
  { name: '7.1: data shorter than its size', bytes: chunked('4\r\nabc\r\n0\r\n\r\n'), expect: 400 },
  {
    name: '7.1.1: extensions are not passed on',
    bytes: chunked('5;a;b=c ; d="e;\\"f"\r\nhello\r\n0;x=y\r\n\r\n'),
    expect: hello,
  },
  { name: '7.1.1: a bare CR in an extension', bytes: chunked('3;a\rb\r\nabc\r\n0\r\n\r\n'), expect: 400 },
  { name: '7.1.1: a bare LF in an extension', bytes: chunked('3;a\nabc\r\n0\r\n\r\n'), expect: 400 },
  { name: '7.1.1: a line end in a quoted extension', bytes: chunked('3;a="\r\n"\r\nabc\r\n0\r\n\r\n'), expect: 400 },
  { name: '7.1.1: an extension without a name', bytes: chunked('3;=b\r\nabc\r\n0\r\n\r\n'), expect: 400 },
  {
    name: '7.1.1: an extension of 10 KiB',
    bytes: chunked(`3;a=${'b'.repeat(10_000)}\r\nabc\r\n0\r\n\r\n`),
    expect: 400,
  },
  {
    name: '7.1.2: a trailer ends the body and is not passed on',
    bytes: chunked('5\r\nhello\r\n0\r\nX-T: 1\r\nContent-Length: 9\r\n\r\n', 'Trailer: X-T\r\n'),
    expect: { ...hello, fields: { 'x-t': undefined, trailer: undefined } },
  },
  { name: '7.1.2: a trailer line that is no field', bytes: chunked('0\r\nnothing\r\n\r\n'), expect: 400 },
  {
    name: '7.1.2: a request line in the trailer',
    bytes: chunked('0\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'),
    expect: 400,
  },
  { name: '7.1.2: a trailer line that ends in LF alone', bytes: chunked('0\r\nX-T: 1\n\r\n'), expect: 400 },
];

const CONNECTION: RequestCase[] = [
  ...['content-length', 'close, Content-Length', 'Content-Length', 'host', 'transfer-encoding, content-length'].map(
    (named): RequestCase => ({
      name: `9110, 7.6.1: Connection ${named} takes neither length nor host away`,
      bytes: post(`Connection: ${named}\r\n${LENGTH}`, SMUGGLED),
      expect: { ...whole, fields: { host: 'origin' } },
    }),
  ),
  {
    name: '9110, 7.6.1: Connection transfer-encoding keeps the chunks',
    bytes: chunked(`5\r\nhello\r\n0\r\n\r\n`, 'Connection: transfer-encoding\r\n'),
    expect: hello,
  },
  {
    name: '9110, 7.6.1: Connection cookie, authorization',
    bytes: get('Connection: cookie, authorization\r\nCookie: a=b\r\nAuthorization: c\r\n'),
    expect: { fields: { cookie: 'a=b', authorization: 'c' } },
  },
  {
    name: '9110, 7.6.1: fields about the connection end here, named or not',
    bytes: get(
      'Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\nTE: trailers\r\nProxy-Connection: close\r\nUpgrade: h2c\r\n',
    ),
    expect: {
      fields: {
        'x-hop': undefined,
        'keep-alive': undefined,
        te: undefined,
        'proxy-connection': undefined,
        upgrade: undefined,
      },
    },
  },
  {
    name: '9110, 7.8: an upgrade to h2c is not asked for',
    bytes: get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n'),
    expect: { fields: { upgrade: undefined, 'http2-settings': undefined } },
  },
  {
    name: '9110, 7.8: an upgrade in HTTP/1.0 is not asked for',
    bytes: `GET /a HTTP/1.0\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    expect: { fields: { upgrade: undefined } },
  },
  {
    name: '9110, 7.8: an upgrade beside a body is not asked for',
    bytes: post(`Connection: Upgrade\r\nUpgrade: websocket\r\n${HELLO}`, 'hello'),
    expect: { ...hello, fields: { upgrade: undefined } },
  },
  {
    name: '9110, 10.1.1: an expectation in HTTP/1.0 is ignored',
    bytes: `POST /a HTTP/1.0\r\n${HOST}Expect: 100-continue\r\n${HELLO}\r\nhello`,
    expect: { ...hello, fields: { expect: undefined } },
  },
];

export const REQUEST_CASES: readonly RequestCase[] = [
  ...START_LINE,
  ...HOST_FIELD,
  ...FIELDS,
  ...LENGTHS,
  ...CODINGS,
  ...CHUNKS,
  ...CONNECTION,
];
