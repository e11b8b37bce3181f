import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Doctor } from '../../../src/engine/doctor/doctor.ts';
import type { Hop } from '../../../src/shared/doctor/report.ts';
import { seeded } from '../../../src/shared/random.ts';
import { steadyClock } from '../../helpers/steady-clock.ts';

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

async function hopsOf(fields: Record<string, string>): Promise<Hop[]> {
  const server = createServer((_req, res) => res.writeHead(401, fields).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const doctor = new Doctor({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    methods: ['sse'],
    dialect: null,
    headers: {},
    body: null,
    path: [],
    quietUpToMs: 1000,
    forMs: 3000,
    publish: null,
    allow: [],
    only: null,
    clock: steadyClock(),
    random: seeded(1),
  });
  return (await doctor.run()).report.hops;
}

describe('the hops', () => {
  it('are named by what they say of themselves', async () => {
    expect(await hopsOf({ server: 'nginx/1.22.1' })).toMatchObject([{ what: 'nginx', confidence: 0.6 }]);
    expect(await hopsOf({ via: '1.1 varnish (Varnish/7.1)', 'x-varnish': '32770' })).toMatchObject([
      { what: 'varnish' },
    ]);
  });

  it('are not guessed where nobody says a name', async () => {
    expect(await hopsOf({})).toEqual([]);
    expect(await hopsOf({ server: 'my-nginx-like', via: '1.1 gw' })).toEqual([]);
  });
});
