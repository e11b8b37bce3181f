import { expect, it } from 'vitest';
import { askCommand } from '../../../src/renderer/labels/copy-command.ts';
import { teller } from '../helpers.ts';

const tell = teller();
const head = (text: string) => tell(1, 'sse', { type: 'wire', dir: 'out', what: 'request', text, bytes: text.length });

it('what a lane asked is asked again by curl: its cursor and headers, without what belongs to one connection', () => {
  const wire = [
    head("GET /events/a?after=k.1 HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\nx-name: it's\r\naccept-encoding: gzip\r\nconnection: keep-alive\r\n\r\n"), // prettier-ignore
    head('GET /events/a?after=k.9 HTTP/1.1\r\nhost: x\r\n\r\n'),
  ];
  expect(askCommand('sse', 'http://h:1/events/a', wire, 'sse', wire[0]!.n)).toBe(
    String.raw`curl -sS -N --compressed 'http://h:1/events/a?after=k.1' \
  -H 'accept: text/event-stream' \
  -H 'x-name: it'\''s'`,
  );
});

it('a WebSocket by websocat; a secret that was not kept is said', () => {
  const wire = [
    head('GET /ws HTTP/1.1\r\nauthorization: ‹redacted›\r\nsec-websocket-key: abc\r\nupgrade: websocket\r\n\r\n'),
  ];
  expect(askCommand('websocket', 'ws://h:1/ws', wire, 'sse', 99)).toBe(
    `# ‹redacted› stands for a secret that is not kept: put it back first\nwebsocat -H='authorization: ‹redacted›' 'ws://h:1/ws'`,
  );
});

it('without the head the address alone', () => {
  expect(askCommand('sse', 'http://h:1/e', [], 'sse', 5)).toBe(`curl -sS -N 'http://h:1/e'`);
});
