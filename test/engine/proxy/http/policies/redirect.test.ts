import { describe, it } from 'vitest';
import { eventually, get } from '../rig.ts';
import { rig, start } from './policy-rig.ts';

describe('a redirect', () => {
  it('sends a client to a login page', async () => {
    await start('redirect');
    const client = await rig.client();
    client.write(get('/poll'));
    await eventually(() => client.text.includes('Location: /login'));
  });
});
