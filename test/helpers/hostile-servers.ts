/** A server that answers as no server should: by path, over raw sockets, with back-pressure. */
import { createHash } from 'node:crypto';
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface HostileServer {
  url: string;
  /** Bytes written so far to the connections that asked for a path. */
  written(path: string): number;
  asked(path: string): number;
  close(): Promise<void>;
}

type Behaviour = (socket: Socket, write: (bytes: Buffer | string) => boolean, head: string) => void;

const SSE_HEAD = 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\r\n';
const HTML = '<!doctype html><title>Sign in</title><h1>Please sign in to the hotel network</h1>';

const BEHAVIOURS: Record<string, Behaviour> = {
  /** One SSE line of 10 MB, then quiet. */
  '/sse-long-line': (_socket, write) => {
    write(SSE_HEAD);
    write(`data: ${'x'.repeat(10_000_000)}`);
  },
  /** A header block that does not end. */
  '/endless-headers': (socket, write) => {
    write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n');
    const more = (): void => {
      while (!socket.destroyed && write(`X-More: ${'y'.repeat(1000)}\r\n`));
    };
    socket.on('drain', more);
    more();
  },
  /** A WebSocket frame of 17 MiB, more than a client here takes. */
  '/ws-oversized': (_socket, write, head) => {
    write(acceptUpgrade(head));
    const size = Buffer.alloc(10);
    size[0] = 0x81;
    size[1] = 127;
    size.writeBigUInt64BE(BigInt(17 * 1024 * 1024), 2);
    write(size);
    write(Buffer.alloc(17 * 1024 * 1024, 0x7a));
  },
  /** A text frame that is no UTF-8. */
  '/ws-bad-utf8': (_socket, write, head) => {
    write(acceptUpgrade(head));
    write(Buffer.from([0x81, 2, 0xc3, 0x28]));
  },
  /** Reads the request and never says a word. */
  '/silent': () => {},
  '/html': (socket, write) => {
    write(
      `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${HTML.length}\r\nConnection: close\r\n\r\n${HTML}`,
    );
    socket.end();
  },
  /** An answer of 17 MB. */
  '/huge-answer': (_socket, write) => {
    const body = `{"events":[],"pad":"${'z'.repeat(17_000_000)}"}`;
    write(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  },
  '/not-http': (_socket, write) => {
    write('SSH-2.0-OpenSSH_9.2p1\r\n');
  },
};

export async function hostileServer(): Promise<HostileServer> {
  const written = new Map<string, number>();
  const asked = new Map<string, number>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {}); // clients do well to reset
    let head = '';
    const onHead = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      socket.off('data', onHead).resume();
      const path = new URL(head.split(' ')[1]!, 'http://x').pathname;
      asked.set(path, (asked.get(path) ?? 0) + 1);
      BEHAVIOURS[path]?.(
        socket,
        (bytes) => {
          written.set(path, (written.get(path) ?? 0) + bytes.length);
          return socket.write(bytes);
        },
        head,
      );
    };
    socket.on('data', onHead);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    written: (path) => written.get(path) ?? 0,
    asked: (path) => asked.get(path) ?? 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function acceptUpgrade(head: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const offered = /^sec-websocket-protocol: *([^,\r]+)/im.exec(head)?.[1];
  const protocol = offered ? `Sec-WebSocket-Protocol: ${offered.trim()}\r\n` : '';
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${protocol}\r\n`;
}
