import { afterEach } from 'vitest';
import type { End } from '../../sockets.ts';
import { eventually, get, head, HttpRig, piece, STREAM, UPGRADE } from '../rig.ts';

/** The rig of the running test; it is stopped after it. */
export let rig: HttpRig;
afterEach(() => rig.stop());

export const startAt = async (scale: number, ...via: string[]): Promise<HttpRig> =>
  (rig = await new HttpRig({ scale }).start(via));
/** A minute takes six tenths of a second. */
export const start = (...via: string[]): Promise<HttpRig> => startAt(100, ...via);

export const SWITCH = head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade');
export const EVENT = piece('data: 1\n\n');

export async function open(text?: string): Promise<{ client: End; origin: End }> {
  const client = await rig.client();
  return { client, origin: await rig.ask(client, text) };
}

export async function stream(): Promise<{ client: End; origin: End }> {
  const both = await open(get('/sse'));
  both.origin.write(STREAM);
  await eventually(() => both.client.text.includes('200 OK'));
  return both;
}

export async function socket(): Promise<{ client: End; origin: End }> {
  const both = await open(UPGRADE);
  both.origin.write(SWITCH);
  await eventually(() => both.client.text.includes('101'));
  return both;
}

/** The content of a chunked answer. */
export function unchunk(text: string): string {
  let rest = text.slice(text.indexOf('\r\n\r\n') + 4);
  let out = '';
  for (;;) {
    const end = rest.indexOf('\r\n');
    const size = parseInt(rest.slice(0, end), 16);
    if (end < 0 || !size) return out;
    out += rest.slice(end + 2, end + 2 + size);
    rest = rest.slice(end + 4 + size);
  }
}
