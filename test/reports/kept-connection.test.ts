/** A server that hangs up on a request of a kept connection, behind a balancer that asks each thing once. */
import { afterEach, expect, it } from 'vitest';
import { eventually, get, head, HttpRig } from '../engine/proxy/http/rig.ts';

let rig: HttpRig;
afterEach(() => rig.stop());

it('nodejs/node #20256: an AWS ALB answers 502, and the next request goes through', async () => {
  rig = await new HttpRig().start(['aws-alb']);
  const client = await rig.client();
  const answers = (): string[] => [...client.text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((m) => m[1]!);
  for (let n = 1; n <= 5; n++) {
    const origin = await rig.ask(client, get(`/${n}`));
    if (n === 3) origin.socket.end();
    else origin.write(head('200 OK', 'Content-Length: 2') + 'ok');
    await eventually(() => answers().length === n);
  }
  expect(answers()).toEqual(['200', '200', '502', '200', '200']);
  expect(client.seen).toEqual([]);
  expect(rig.facts).toContainEqual(
    expect.objectContaining({
      detail: expect.stringContaining('the server closed a kept connection as a request came'),
    }),
  );
});
