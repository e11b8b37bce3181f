import { describe, expect, it } from 'vitest';
import { eventually, head } from '../rig.ts';
import { EVENT, open, rig, start, stream } from './policy-rig.ts';

describe('a write timeout', () => {
  it('in Go is noticed by the first byte written past it', async () => {
    await start('write-timeout:after=20s');
    const { client, origin } = await stream();
    await rig.clock.sleep(40_000);
    expect(client.seen).toEqual([]);
    origin.write(EVENT);
    await eventually(() => client.seen.includes('fin') && origin.seen.includes('fin'));
    expect(client.text).not.toContain('data: 1');
    const poll = await open();
    await rig.clock.sleep(30_000);
    poll.origin.write(head('204 No Content'));
    await eventually(() => poll.client.seen.includes('fin'));
    expect(poll.client.text).toBe('');
  });
});
