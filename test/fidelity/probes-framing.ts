/** Where a proxy sees a request end that does not say it for certain. */
import { connect } from 'node:net';
import { newId, type Findings, type Probe } from './asking.ts';
import { Client, sleep } from './client.ts';

const HOST = 'Host: 127.0.0.1\r\n';

/** @param target of the request, and of the one within its body */
const CASES: [name: string, bytes: (target: string, within: string) => string][] = [
  [
    'Connection: content-length',
    (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Connection: content-length\r\nContent-Length: ${w.length}\r\n\r\n${w}`,
  ],
  [
    'a length and chunks',
    (t, w) =>
      `POST ${t} HTTP/1.1\r\n${HOST}Content-Length: ${w.length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${w}`,
  ],
  [
    'two lengths that differ',
    (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: ${w.length}\r\n\r\n${w}`,
  ],
  ['a length with a sign', (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Content-Length: +${w.length}\r\n\r\n${w}`],
  ['a coding nobody knows', (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${w}`],
  [
    'a vertical tab before chunked',
    (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${w}`,
  ],
  ['a space before the colon', (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Content-Length : ${w.length}\r\n\r\n${w}`],
  ['NUL in a value', (t) => `GET ${t} HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`],
  ['a chunk size with 0x', (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n${w}`],
  [
    'a chunk size too great',
    (t, w) => `POST ${t} HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\n\r\n${w}`,
  ],
  ['no Host', (t) => `GET ${t} HTTP/1.1\r\n\r\n`],
  ['two Hosts', (t) => `GET ${t} HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`],
];

async function sendRaw(port: number, bytes: string): Promise<string> {
  let text = '';
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.on('data', (data) => (text += data.toString('latin1')));
  const ended = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(bytes, 'latin1');
  await Promise.race([ended, sleep(700)]);
  socket.destroy();
  return text;
}

/** One may refuse such a request or not: but the origin gets none that the proxy knows nothing of, and so does not answer. */
export const framing: Probe = async (on) => {
  const findings: Findings = {};
  const { port, prefix = '' } = on.way;
  await Promise.all(
    CASES.map(async ([name, bytes]) => {
      const [key, within] = [newId(), newId()];
      const inner = `GET ${prefix}/poll?key=${within}&cc=none HTTP/1.1\r\n${HOST}\r\n`;
      const text = await sendRaw(port, bytes(`${prefix}/poll?key=${key}&cc=none`, inner));
      const answers = text.match(/HTTP\/1\.[01] [2-5]\d\d/g)?.length ?? 0;
      const requests = on.origin.hits(key) + on.origin.hits(within);
      const smuggled = Math.max(0, requests - Math.max(1, answers));
      findings[`${name}: requests at the origin beyond those answered`] = String(smuggled);
    }),
  );
  return findings;
};

/** The origin resets a connection that was kept, as the next request comes on it. */
export const keptReset: Probe = async (on) => {
  const client = new Client(on.way);
  client.ask(`/poll?key=${newId()}&cc=none`);
  await client.until(() => client.answer?.whole || client.ended, 3000);
  await sleep(50);
  const key = newId();
  client.ask(`/long-poll?key=${key}&id=${newId()}&hold=100&die=rst`);
  await client.until(() => client.ended || client.answers.length > 1, 4000);
  await client.until(() => client.ended, 300);
  client.close();
  const second = client.answers[1];
  const got = second ? String(second.head.status) : client.ended ? `nothing but ${client.ended.how}` : 'nothing';
  return { 'GET on a kept connection, reset for an answer: client gets': got };
};
