/** The records tell what did happen. */
import { afterEach, expect, it } from 'vitest';
import { eventually, get, head, HttpRig, piece, STREAM } from './rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());
const fires = (): string[] =>
  rig.facts.flatMap((o) => (o.type === 'fault' && o.action === 'fire' ? [`${o.name} ${o.detail}`] : []));

it('says that the server is not told, where it is not', async () => {
  rig = await new HttpRig({ scale: 50 }).start(['heroku']);
  const client = await rig.client();
  await rig.ask(client, get('/poll'));
  await eventually(() => fires().length > 0);
  expect(fires()).toEqual([expect.stringMatching(/: 503 \/ none$/)]);
  rig.set('error-status:every=1,status=429');
  const other = await rig.client();
  other.write(get('/'));
  await eventually(() => fires().length > 1);
  expect(fires()[1]).toMatch(/429 \/ none$/);
});

it.each([
  ['aws-alb:http-idle-timeout=10s', /: fin, assumed$/],
  ['aws-alb:http-idle-timeout=10s,http-idle-timeout.stream=rst', /: rst/],
  ['nginx-tuned:http-idle-timeout=10s', /: fin$/],
])('says of an end whether it is only assumed: %s', async (via, words) => {
  rig = await new HttpRig({ scale: 50 }).start([via]);
  const client = await rig.client();
  const origin = await rig.ask(client, get('/events', 'Accept: text/event-stream'));
  origin.write(STREAM + piece('data: 1\n\n'));
  await eventually(() => fires().length > 0);
  expect(fires()[0]).toMatch(words);
});

it('says of an answer that is not the end of it nothing as assumed', async () => {
  rig = await new HttpRig({ scale: 50 }).start(['aws-alb:http-idle-timeout=10s']);
  const client = await rig.client();
  const origin = await rig.ask(client, get('/poll'));
  await eventually(() => client.text.startsWith('HTTP/1.1 504'));
  expect(fires()).toEqual([expect.stringMatching(/504 \/ fin$/)]);
  origin.write(head('200 OK'));
});

it('says which side a half-close has left alone', async () => {
  rig = await new HttpRig({ scale: 50 }).start(['half-close:time=2s,dir=up']);
  const { server } = await rig.open();
  await eventually(() => server.seen.includes('fin'));
  expect(fires()).toEqual(['half-close 2 s old: none / fin']);
});
