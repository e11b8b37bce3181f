import { describe, expect, it } from 'vitest';
import { eventually, get, head } from '../rig.ts';
import { open, rig, start } from './policy-rig.ts';

describe('keep-alive', () => {
  it('may close after each answer, errors of its own excepted', async () => {
    await start('http-idle-timeout:after=20s+keep-alive:idle=5m,after=closed');
    const { client } = await open();
    await eventually(() => client.text.startsWith('HTTP/1.1 504'));
    const again = await rig.ask(client, get('/again'));
    expect(client.seen).toEqual([]);
    again.write(head('204 No Content'));
    await eventually(() => client.seen.includes('fin'));
    expect(client.text).toContain('204 No Content\r\nConnection: close');
  });

  it('ends an idle connection, or every one', async () => {
    await start('keep-alive:idle=10s');
    const { client, origin } = await open();
    origin.write(head('204 No Content'));
    await eventually(() => client.seen.includes('fin'));
    rig.set('keep-alive:idle=0s');
    const once = await open();
    once.origin.write(head('204 No Content'));
    await eventually(() => once.client.seen.includes('fin'));
    expect(once.client.text).toContain('Connection: close');
  });
});
