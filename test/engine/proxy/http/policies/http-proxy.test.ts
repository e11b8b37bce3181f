import { describe, expect, it } from 'vitest';
import { eventually, get, head } from '../rig.ts';
import { open, start } from './policy-rig.ts';

describe('names of fields', () => {
  it.each([
    ['haproxy', 'x-asked', 'x-said-it'],
    ['caddy', 'X-Asked', 'X-Said-It'],
    ['nginx-tuned', 'X-aSked', 'X-saiD-It'],
  ])('behind %s are %s and %s', async (preset, request, answer) => {
    await start(preset);
    const { client, origin } = await open(get('/', 'X-aSked: 1'));
    expect(origin.text).toContain(`\r\n${request}: 1\r\n`);
    origin.write(head('204 No Content', 'X-saiD-It: 1'));
    await eventually(() => client.text.includes(`\r\n${answer}: 1\r\n`));
  });
});
