import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketSizes } from '../../../../../src/engine/proxy/http/websocket-sizes.ts';
import type { End } from '../../sockets.ts';
import { eventually, head, HttpRig, UPGRADE } from '../rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());

const KIB = 1024;
const CLOSE_1009 = '\x88\x02\x03\xf1';

/** A frame as a server sends it, or masked as a client does. */
function frame(length: number, { first = 0x82, masked = false } = {}): string {
  const size =
    length < 126
      ? [length]
      : length < 65_536
        ? [126, length >> 8, length & 255]
        : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  const head = [first, size[0]! | (masked ? 0x80 : 0), ...size.slice(1), ...(masked ? [1, 2, 3, 4] : [])];
  return Buffer.from(head).toString('latin1') + 'x'.repeat(length);
}

async function tunnel(via: string): Promise<{ client: End; origin: End }> {
  rig = await new HttpRig().start([via]);
  const client = await rig.client('websocket');
  const origin = await rig.ask(client, UPGRADE);
  origin.write(head('101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'));
  await eventually(() => client.text.endsWith('\r\n\r\n'));
  return { client, origin };
}

describe('a WebSocket through AWS API Gateway', () => {
  it('carries messages up to 128 KiB, in frames of 32 KiB', async () => {
    const { client, origin } = await tunnel('aws-api-gateway-websocket');
    origin.write(frame(128 * KIB));
    const before = origin.text.length;
    const parts = [0x02, 0x00, 0x00, 0x80].map((first) => frame(32 * KIB, { first, masked: true })).join('');
    client.write(parts + frame(4, { first: 0x89, masked: true }) + parts);
    await eventually(() => client.text.length > 128 * KIB && origin.text.length > before + 256 * KIB);
    expect(client.seen).toEqual([]);
  });

  it.each([
    ['a message of the server', 'origin', [frame(200 * KIB)]],
    [
      'a message of the client in several frames',
      'client',
      [0x02, 0x00, 0x00, 0x00, 0x80].map((first) => frame(32 * KIB, { first, masked: true })),
    ],
    ['a frame of the client', 'client', [frame(40 * KIB, { masked: true })]],
  ] as const)('is closed with 1009 by %s that is longer', async (_, from, frames) => {
    const both = await tunnel('aws-api-gateway-websocket');
    both[from].write(frames.join(''));
    await eventually(() => both.client.seen.includes('fin'));
    expect(both.client.text.endsWith(CLOSE_1009)).toBe(true);
    expect(both.origin.text.length + both.client.text.length).toBeLessThan(200 * KIB);
    expect(rig.facts).toContainEqual(expect.objectContaining({ type: 'fault', name: 'ws-message-limit' }));
  });
});

it('the lengths of frames are the same however their bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(0, 1, 125, 126, 65_535, 65_536), { maxLength: 5 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9000 }),
      (lengths, masked, step) => {
        const seen: number[] = [];
        const sizes = new WebSocketSizes((length) => seen.push(length));
        const bytes = Buffer.from(lengths.map((n) => frame(n, { masked })).join(''), 'latin1');
        for (let at = 0; at < bytes.length; at += step) sizes.read(bytes.subarray(at, at + step));
        expect(seen).toEqual(lengths);
      },
    ),
  );
});
