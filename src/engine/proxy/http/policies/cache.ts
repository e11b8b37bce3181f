import type { ParamValues } from '../../../../shared/params.ts';
import { spanText } from '../../../faults/words.ts';
import { Broadcast } from '../broadcast.ts';
import { dropField, field, type Field } from '../framing.ts';
import type { Exchange, Policy } from '../policy.ts';

interface Stored {
  until: number;
  status: number;
  reason: string;
  fields: Field[];
  body: string;
}

/** Requests whose answers may be stored, with what they asked for conditionally. */
const asked = new WeakMap<Exchange, { key: string; match: string | undefined }>();
/** Answers on their way through that are to be kept. */
const passing = new WeakMap<Exchange, Broadcast>();

/** A cache that keeps answers nobody allowed it to keep. */
export const cache: Policy = {
  id: 'cache',
  label: 'Cache',
  what: 'Answers without Cache-Control are kept and given out again: a poll may get an old answer, at once.',
  params: {
    keeps: { kind: 'duration', label: 'For', help: '0 keeps nothing.', default: 120_000, min: 0, max: 864_000_000 },
    empty: {
      kind: 'choice',
      label: '204 No Content',
      default: 'kept',
      options: { kept: 'Kept as well', passed: 'Never kept' },
    },
    control: {
      kind: 'choice',
      label: 'Cache-Control',
      help: 'Ignored where a rule says so: beresp.ttl, proxy_ignore_headers, "cache everything".',
      default: 'heeded',
      options: { heeded: 'An answer with it is never kept', ignored: 'Ignored: kept all the same' },
    },
    meanwhile: {
      kind: 'choice',
      label: 'Who asks while it comes',
      default: 'replay',
      options: { replay: 'Gets it from its beginning, as it comes', wait: 'Waits until it is whole' },
    },
    match: {
      kind: 'choice',
      label: 'If-None-Match',
      default: 'answered',
      options: {
        answered: 'Not passed on; answered with 304 where it matches',
        dropped: 'Not passed on; answered with 200',
        passed: 'Passed on',
      },
    },
  },
  off: { keeps: 0, match: 'passed' },
  short: (params) =>
    Number(params['keeps']) > 0 ? `caches for ${spanText(Number(params['keeps']))}` : 'caches nothing',
  http: {
    async request(x, params) {
      if (x.request.method !== 'GET' || x.upgrade !== null) return;
      const key = `${field(x.request, 'host')} ${x.request.target}`;
      asked.set(x, { key, match: field(x.request, 'if-none-match') });
      if (params['match'] !== 'passed') dropField(x.request, 'if-none-match', 'if-modified-since');
      if (Number(params['keeps']) <= 0) return;
      const coming = comingOf(x).get(key);
      if (coming && params['meanwhile'] === 'replay') {
        asked.delete(x);
        return coming.broadcast.join(x);
      }
      if (coming) await coming.over;
      const stored = storeOf(x).get(key);
      if (x.phase === 'over' || !stored || stored.until <= x.clock.now()) return;
      const same = params['match'] === 'answered' && matches(x, field(stored, 'etag'));
      const { status, reason, fields, body } = stored;
      if (same) x.answer({ status: 304, fields: fields.filter(([n]) => !/^content-/i.test(n)), server: 'none' });
      else x.answer({ status, reason, fields, body, server: 'none' });
    },
    response(x, params) {
      const head = x.response!;
      if (params['match'] === 'answered' && head.status === 200 && matches(x, field(head, 'etag'))) {
        head.status = 304;
        head.reason = 'Not Modified';
        dropField(head, 'content-length', 'content-type');
      }
    },
    valve(x, params, emit) {
      if (!asked.has(x) || !keepable(x, params)) return null;
      const { key } = asked.get(x)!;
      const broadcast = new Broadcast();
      passing.set(x, broadcast);
      const over = new Promise<void>((resolve) => x.onceOver(resolve));
      const coming = comingOf(x);
      coming.set(key, { broadcast, over });
      x.onceOver(() => coming.get(key)?.broadcast === broadcast && coming.delete(key));
      return broadcast.from(x, emit);
    },
    done(x, params) {
      const broadcast = passing.get(x);
      const { key } = asked.get(x) ?? {};
      if (!broadcast || key === undefined || !x.response) return;
      broadcast.finish();
      const { status, reason, fields } = x.response;
      storeOf(x).set(key, {
        until: x.clock.now() + Number(params['keeps']),
        status,
        reason,
        fields: fields.filter(([n]) => n.toLowerCase() !== 'content-length'),
        body: broadcast.whole!.toString('latin1'),
      });
    },
  },
};

function keepable(x: Exchange, params: ParamValues): boolean {
  const { status } = x.response!;
  if (Number(params['keeps']) <= 0) return false;
  if (field(x.response!, 'cache-control') !== undefined && params['control'] === 'heeded') return false;
  return status === 200 || (status === 204 && params['empty'] === 'kept');
}

function matches(x: Exchange, etag: string | undefined): boolean {
  const match = asked.get(x)?.match;
  if (match === undefined || etag === undefined) return false;
  // RFC 9110, 13.1.2: If-None-Match compares weakly.
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return match.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}

function comingOf(x: Exchange): Map<string, { broadcast: Broadcast; over: Promise<void> }> {
  let coming = x.store.get('cache-coming') as ReturnType<typeof comingOf> | undefined;
  if (!coming) x.store.set('cache-coming', (coming = new Map()));
  return coming;
}

function storeOf(x: Exchange): Map<string, Stored> {
  let store = x.store.get('cache') as Map<string, Stored> | undefined;
  if (!store) x.store.set('cache', (store = new Map()));
  return store;
}
