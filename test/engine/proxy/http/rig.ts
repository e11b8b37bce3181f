import { eventually, Rig, type End } from '../sockets.ts';

export { eventually };

/** A client, the path, and an origin that answers by hand: `asked` counts what reached it. */
export class HttpRig extends Rig {
  async client(lane = 'sse'): Promise<End> {
    const client = await this.dial(lane);
    await eventually(() => !client.socket.connecting);
    return client;
  }

  /** Sends a request and waits for it at the origin. */
  async ask(client: End, text = get('/')): Promise<End> {
    const n = this.heads();
    client.write(text);
    await eventually(() => this.heads() > n);
    return this.arrived.findLast((end) => end.text !== '')!;
  }

  heads(): number {
    return this.arrived.reduce((n, end) => n + (end.text.match(/HTTP\/1\.[01]\r\n/g)?.length ?? 0), 0);
  }
}

export const get = (target: string, ...fields: string[]): string =>
  ['GET ' + target + ' HTTP/1.1', 'Host: origin', ...fields, '', ''].join('\r\n');

export const head = (status: string, ...fields: string[]): string =>
  [`HTTP/1.1 ${status}`, ...fields, '', ''].join('\r\n');

export const STREAM = head('200 OK', 'Content-Type: text/event-stream', 'Transfer-Encoding: chunked');

export const piece = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

export const UPGRADE = get('/ws', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13');
