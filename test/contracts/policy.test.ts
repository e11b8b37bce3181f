import { stepsOf } from '../../src/shared/path/spec.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Definition } from '../../src/shared/path/definition.ts';
import { POLICY_DEFINITIONS } from '../../src/shared/path/policies/index.ts';
import { POLICIES } from '../../src/engine/proxy/http/policies/index.ts';
import { resolveVia } from '../../src/shared/path/resolve.ts';
import { defaultsOf, formatParam, parseParam } from '../../src/shared/path/params.ts';
import { formatFault } from '../../src/shared/path/text.ts';
import { eventually, get, head, HttpRig, piece } from '../engine/proxy/http/rig.ts';

describe.each(Object.entries(POLICIES))('the policy %s', (name, { definition: policy }) => {
  const defaults = defaultsOf(policy.params);

  it('is named as it is typed, and says in a sentence what a client sees', () => {
    expect(policy.id).toBe(name);
    expect(policy.layer).toBe('http');
    expect(name).toMatch(/^[a-z0-9.-]+$/);
    expect(policy.label).not.toBe('');
    expect(policy.what).toMatch(/^[A-Z].*\.$/);
    expect(policy.summary(defaults)).not.toBe('');
    expect(policy.params).toHaveProperty('lanes');
  });

  it('has params that can be typed: every default survives being written and read', () => {
    for (const [key, param] of Object.entries(policy.params)) {
      expect(parseParam(param, formatParam(param, param.default), key)).toBe(param.default);
    }
    expect(stepsOf(resolveVia([`${name}:`]))).toEqual([
      { name, params: { ...defaults, ...policy.impliedParams?.([]) } },
    ]);
    expect(stepsOf(resolveVia([formatFault(policy, defaults)]))[0]!.params).toEqual(defaults);
  });
});

/** Every policy with the params that turn it off, in one stack. */
const NO_EFFECT = POLICY_DEFINITIONS.map((p): Definition => p)
  .filter((p) => p.disabledParams)
  .map((p) => formatFault(p, { ...defaultsOf(p.params), ...p.disabledParams }))
  .join('+');

describe('policies that are turned off', () => {
  it('leave every body as it was, however its bytes are cut', { timeout: 180_000 }, async () => {
    const rig = await new HttpRig().start([NO_EFFECT]);
    const client = await rig.client();
    const pieces = fc.array(fc.string({ minLength: 1, maxLength: 200, unit: 'binary-ascii' }), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(pieces, fc.boolean(), fc.nat(7), async (body, chunked, wait) => {
        const before = client.text.length;
        const origin = await rig.ask(client, get('/x'));
        const whole = body.join('');
        origin.write(
          chunked ? head('200 OK', 'Transfer-Encoding: chunked') : head('200 OK', `Content-Length: ${whole.length}`),
        );
        for (const [i, text] of body.entries()) {
          origin.write(chunked ? piece(text) : text);
          if (i % 8 === wait) await new Promise((r) => setImmediate(r));
        }
        if (chunked) origin.write('0\r\n\r\n');
        const answer = (): string => client.text.slice(before);
        const body2 = (): string => answer().slice(answer().indexOf('\r\n\r\n') + 4);
        await eventually(
          () =>
            answer().includes('\r\n\r\n') &&
            (chunked ? body2().endsWith('0\r\n\r\n') : body2().length === whole.length),
        );
        expect(chunked ? unchunked(body2()) : body2()).toBe(whole);
      }),
      { numRuns: 60 },
    );
    expect(rig.arrived).toHaveLength(1);
    await rig.stop();
  });
});

function unchunked(text: string): string {
  let out = '';
  for (let at = 0; ;) {
    const end = text.indexOf('\r\n', at);
    const size = parseInt(text.slice(at, end), 16);
    if (!size) return out;
    out += text.slice(end + 2, end + 2 + size);
    at = end + 4 + size;
  }
}
