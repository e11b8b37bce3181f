import { describe, expect, it } from 'vitest';
import { parseRetryRule, retryRuleFor } from '../../../src/shared/endpoint/retry-rules.ts';

describe('a rule for coming back', () => {
  it('names a status, a class of them, or a range of close codes', () => {
    expect(parseRetryRule('503')).toMatchObject({ from: 503, to: 503, action: 'retry' });
    expect(parseRetryRule('5xx')).toMatchObject({ from: 500, to: 599, action: 'retry' });
    expect(parseRetryRule('close:4000-4099')).toMatchObject({ from: 4000, to: 4099 });
    expect(parseRetryRule('1008=stop')).toMatchObject({ from: 1008, action: 'stop' });
    expect(parseRetryRule('401=refresh')).toMatchObject({ action: 'refresh' });
  });

  it('is told from what is none, with the nearest that would be', () => {
    expect(() => parseRetryRule('999')).toThrow('neither a status');
    expect(() => parseRetryRule('503-404')).toThrow('neither a status');
    expect(() => parseRetryRule('often')).toThrow('is no rule');
    expect(() => parseRetryRule('503=stpo')).toThrow(expect.objectContaining({ hint: 'Did you mean stop?' }));
  });

  it('decides in the order in which the rules were given', () => {
    const rules = ['429=stop', '4xx', '1008'].map((text) => parseRetryRule(text));
    expect(retryRuleFor(rules, 429)?.action).toBe('stop');
    expect(retryRuleFor(rules, 404)?.action).toBe('retry');
    expect(retryRuleFor(rules, 500)).toBeNull();
  });
});
