/** A server that hangs up on a request of a kept connection, behind a balancer that asks each thing once. */
import { afterEach, expect, it } from 'vitest';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { eventually, get, head, HttpRig } from '../engine/proxy/http/rig.ts';
import { watchedLab } from '../helpers/watched-lab.ts';
import { httpOrigin } from './origin.ts';

let rig: HttpRig | undefined;
afterEach(() => rig?.stop());

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

it('opengovsg/postmangovsg #1231: a poller behind it sees 502 now and then, and why', async () => {
  const asked = new Map<unknown, number>();
  const url = await httpOrigin((req, res) => {
    const nth = (asked.get(req.socket) ?? 0) + 1;
    asked.set(req.socket, nth);
    if (nth === 3) req.socket.end();
    else res.writeHead(200, { 'content-type': 'application/json' }).end('{"n":1}');
  });
  const target = { kind: 'remote', name: 'kept', base: null, urls: {}, channel: 'x', headers: {}, dialect: 'plain' } as const; // prettier-ignore
  const w = await watchedLab({
    target,
    lanes: [{ method: 'short-polling', url }],
    pollMs: 50,
    path: resolveVia(['aws-alb']),
  });
  try {
    await w.until('a 502, and on', () => w.noted('drop').length > 0 && w.noted('response').length > 4);
    expect(w.noted('drop')[0]).toMatchObject({ evidence: 'status:502', cause: 'kept-connection' });
    expect(
      w
        .noted('response')
        .map((r) => r.status)
        .slice(0, 4),
    ).toEqual([200, 200, 502, 200]);
  } finally {
    await w.close();
  }
});
