import { describePath } from '../../../../../src/shared/path/describe.ts';
import { describe, expect, it } from 'vitest';
import { resolveVia } from '../../../../../src/shared/path/resolve.ts';
import { eventually, get, head } from '../rig.ts';
import { open, rig, start } from './policy-rig.ts';

describe('statuses', () => {
  it('refuses the first requests, with advice', async () => {
    await start('error-status:status=429,first=2,retry-after=7s');
    const client = await rig.client();
    client.write(get('/1') + get('/2'));
    await eventually(() => client.text.match(/HTTP\/1\.1 429 /g)?.length === 2);
    expect(client.text).toContain('Retry-After: 7');
    expect(rig.heads()).toBe(0);
    await rig.ask(client, get('/3'));
  });

  it('refuses every other one', async () => {
    await start('error-status:every=2');
    const { client, origin } = await open(get('/1'));
    origin.write(head('204 No Content'));
    await eventually(() => client.text.includes('204'));
    client.write(get('/2'));
    await eventually(() => client.text.includes('503'));
  });

  it('counts for each of two equal steps', async () => {
    await start('error-status:every=2+error-status:every=2');
    const client = await rig.client();
    const statuses: string[] = [];
    for (let i = 1; i <= 6; i++) {
      const n = rig.heads();
      client.write(get(`/${i}`));
      const answered = (): number => client.text.match(/HTTP\/1\.1 \d+/g)?.length ?? 0;
      await eventually(() => rig.heads() > n || answered() === i);
      if (rig.heads() > n) rig.arrived.at(-1)!.write(head('204 No Content'));
      await eventually(() => answered() === i);
      statuses.push(
        client.text
          .match(/HTTP\/1\.1 (\d+)/g)!
          .at(-1)!
          .slice(9),
      );
    }
    expect(statuses).toEqual(['204', '503', '503', '503', '204', '503']);
  });

  it.each([
    ['every=1', 'every one'],
    ['every=2', 'every 2nd'],
    ['every=3', 'every 3rd'],
    ['every=4', 'every 4th'],
    ['every=11', 'every 11th'],
    ['every=22', 'every 22nd'],
  ])('is called in English: %s is %s', (typed, words) => {
    expect(describePath(resolveVia([`error-status:${typed}`])).label).toBe(`503 for ${words}`);
  });
});
