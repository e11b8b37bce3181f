/** What a proxy makes of requests and answers as HTTP: whom a cache tells apart, what is asked again, how names are written. */
import { end, newId, type Findings, type Probe } from './asking.ts';
import { Client, sleep } from './client.ts';

type Fields = Record<string, string>;

/** One URL asked in turn with these fields each; what is given out again does not reach the origin. */
const PERSONAL: [name: string, query: string, asks: Fields[]][] = [
  ['with two Authorization values', '', [{ Authorization: 'Bearer a' }, { Authorization: 'Bearer b' }]],
  ['with two Cookie values', '', [{ Cookie: 'who=a' }, { Cookie: 'who=b' }]],
  ['after a stranger’s, with a Cookie', '', [{}, { Cookie: 'who=b' }]],
  ['whose answer sets a cookie', '&cookie=1', [{}, {}]],
  ['whose answer varies by a field', '&vary=X-Lang', [{ 'X-Lang': 'a' }, { 'X-Lang': 'b' }, { 'X-Lang': 'a' }]],
  ['whose answer varies by *', '&vary=*', [{}, {}]],
  ['with max-age=60', '&cc=max-age%3D60', [{}, {}]],
  ['with max-age=0', '&cc=max-age%3D0', [{}, {}]],
  ['with private', '&cc=private', [{}, {}]],
];

export const personal: Probe = async (on) => {
  const findings: Findings = {};
  const ask = async (target: string, fields: Fields): Promise<Client> => {
    const client = new Client(on.way);
    client.ask(target, fields);
    await client.until(() => client.answer?.whole || client.ended, 3000);
    client.close();
    await sleep(50);
    return client;
  };
  await Promise.all(
    PERSONAL.map(async ([name, query, asks]) => {
      const key = newId();
      for (const fields of asks)
        await ask(`/poll?key=${key}${query.includes('cc=') ? query : `${query}&cc=none`}`, fields);
      findings[`one URL ${name}: requests at the origin`] = String(on.origin.hits(key));
    }),
  );
  const kept = `/poll?key=${newId()}&cc=max-age%3D60`;
  const etag = (await ask(kept, {})).answer?.field('etag') ?? '';
  const again = await ask(kept, { 'If-None-Match': etag });
  findings['one URL with max-age=60, then If-None-Match'] = String(again.answer?.head.status);
  const target = `/poll?key=${newId()}&cc=none`;
  await ask(target, {});
  await sleep(1100);
  const age = (await ask(target, {})).answer?.field('age');
  findings['one URL again after a second: Age'] = age === undefined ? 'none' : Number(age) > 0 ? 'counts' : age;
  return findings;
};

/** Held polls of one person on one URL: nobody else may have the answers, so nobody need wait for them. */
export const personalTogether: Probe = async (on) => {
  const key = newId();
  const hold = 1000;
  const times = await Promise.all(
    [0, 1, 2].map(async (i) => {
      await sleep(i * 30);
      const client = new Client(on.way);
      client.ask(`/long-poll?key=${key}&hold=${hold}&cc=none`, { Cookie: 'who=a' });
      await client.until(() => client.answer?.whole || client.ended, 8000);
      client.close();
      return Math.round(((client.answer?.wholeAt ?? 0) - client.sentAt) / hold);
    }),
  );
  return {
    'three held polls with a Cookie: answered after (holds)': times.sort().join(', '),
    'three held polls with a Cookie: requests at the origin': String(on.origin.hits(key)),
  };
};

const UNANSWERED: [method: string, body: string][] = [
  ['GET', ''],
  ['POST', ''],
  ['POST', 'x=1'],
  ['PUT', 'x=1'],
];

/** How often the origin gets what it does not answer. */
function unanswered(why: 'reset' | 'silence'): Probe {
  return async (on) => {
    const findings: Findings = {};
    await Promise.all(
      UNANSWERED.map(async ([method, body]) => {
        const key = newId();
        const client = new Client(on.way);
        const query = why === 'reset' ? 'hold=100&die=rst' : `hold=${20 * on.limitMs}`;
        client.ask(`/long-poll?key=${key}&id=${newId()}&${query}`, {}, method, body);
        await client.until(() => client.ended || client.answer?.whole, why === 'reset' ? 4000 : 5 * on.limitMs + 2000);
        client.close();
        const name = `${method}${method === 'GET' ? '' : body ? ' with a body' : ' without a body'}, ${why} for an answer`;
        findings[`${name}: requests at the origin`] = String(on.origin.hits(key));
        findings[`${name}: client gets`] = end(client, false);
      }),
    );
    return findings;
  };
}

export const unansweredReset = unanswered('reset');
export const unansweredSilence = unanswered('silence');

/** How a field’s name looks behind the proxy. */
export const names: Probe = async (on) => {
  const id = newId();
  const client = new Client(on.way);
  client.ask(`/poll?id=${id}&names=1`, { 'X-aSked-Name': '1' });
  await client.until(() => client.answer?.whole || client.ended, 3000);
  client.close();
  const look = (names: readonly string[], sent: string): string => {
    const name = names.find((n) => n.toLowerCase() === sent.toLowerCase());
    if (name === undefined) return 'gone';
    return name === sent ? 'as sent' : name === sent.toLowerCase() ? 'lower case' : 'Canonical-Case';
  };
  return {
    'name of a field of the request': look(on.origin.seen(id).requests[0]?.raw ?? [], 'X-aSked-Name'),
    'name of a field of the answer': look(client.answer?.head.fields.map(([n]) => n) ?? [], 'X-MiXed-nAme'),
  };
};
