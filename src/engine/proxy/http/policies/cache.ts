import type { ParamValues } from '../../../../shared/params.ts';
import { spanText } from '../../../faults/words.ts';
import { Broadcast } from '../broadcast.ts';
import { dropField, field, setField, type Field } from '../framing.ts';
import type { Exchange, Policy } from '../policy.ts';
import { fits, freshFor, isPrivate, PRIVATE, variesBy } from './cache-rules.ts';

/** What is told apart by what it varies by. */
interface Variant {
  varies: Field[];
  /** Engine time at which the origin said it. */
  saidAt: number;
}

interface Stored extends Variant {
  until: number;
  status: number;
  reason: string;
  fields: Field[];
  body: string;
}

interface Coming extends Variant {
  broadcast: Broadcast;
  over: Promise<void>;
}

/** Requests whose answers may be stored, with what they asked for conditionally. */
const asked = new WeakMap<Exchange, { key: string; match: string | undefined }>();
/** Answers on their way through that are to be kept. */
const passing = new WeakMap<Exchange, Coming>();

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
      options: {
        heeded: 'Heeded: kept for its max-age, or not at all',
        refused: 'An answer with it is never kept',
        ignored: 'Ignored: kept all the same',
      },
    },
    private: { kind: 'choice', label: 'A request of one person', default: 'kept', options: PRIVATE },
    meanwhile: {
      kind: 'choice',
      label: 'Who asks while it comes',
      default: 'replay',
      options: { replay: 'Gets it from its beginning, as it comes', wait: 'Waits until it is whole' },
    },
    match: {
      kind: 'choice',
      label: 'If-None-Match',
      help: 'What is kept is compared with it in any case.',
      default: 'answered',
      options: {
        answered: 'Not passed on; answered with 304 where it matches',
        dropped: 'Not passed on; answered with 200',
        passed: 'Passed on',
      },
    },
    age: {
      kind: 'choice',
      label: 'Age',
      default: 'stored',
      options: {
        stored: 'Said with what is given out again',
        always: 'Said with every answer, 0 where it is fresh',
        never: 'Never said',
      },
    },
  },
  off: { keeps: 0, match: 'passed', control: 'refused' },
  short: (params) =>
    Number(params['keeps']) > 0 ? `caches for ${spanText(Number(params['keeps']))}` : 'caches nothing',
  http: {
    async request(x, params) {
      if (x.request.method !== 'GET' || x.upgrade !== null || isPrivate(x.request, params)) return;
      const key = `${field(x.request, 'host')} ${x.request.target}`;
      asked.set(x, { key, match: field(x.request, 'if-none-match') });
      if (params['match'] !== 'passed') dropField(x.request, 'if-none-match', 'if-modified-since');
      const coming = variant(shelf<Coming>(x, 'cache-coming'), key, x);
      if (coming && params['meanwhile'] === 'replay') {
        asked.delete(x);
        return coming.broadcast.join(x, ageOf(coming, x, params));
      }
      if (coming) await coming.over;
      const stored = variant(shelf<Stored>(x, 'cache'), key, x);
      if (x.phase === 'over' || !stored || stored.until <= x.clock.now()) return;
      const same = matches(x, field(stored, 'etag'));
      const head = { fields: [...stored.fields] };
      for (const [name, value] of ageOf(stored, x, params)) setField(head, name, value);
      const { status, reason, body } = stored;
      if (same) x.answer({ status: 304, fields: head.fields.filter(([n]) => !/^content-/i.test(n)), server: 'none' });
      else x.answer({ status, reason, fields: head.fields, body, server: 'none' });
    },
    response(x, params) {
      const head = x.response!;
      if (head.status === 101) return;
      if (params['age'] === 'always' && field(head, 'age') === undefined) setField(head, 'Age', '0');
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
      const over = new Promise<void>((resolve) => x.onceOver(resolve));
      const coming: Coming = { broadcast, over, varies: variesBy(x.request, x.response!), saidAt: x.clock.now() };
      passing.set(x, coming);
      const shelves = shelf<Coming>(x, 'cache-coming');
      put(shelves, key, coming);
      x.onceOver(() => remove(shelves, key, coming));
      return broadcast.from(x, emit);
    },
    done(x, params) {
      const coming = passing.get(x);
      const { key } = asked.get(x) ?? {};
      if (!coming || key === undefined || !x.response) return;
      const { broadcast, varies, saidAt } = coming;
      broadcast.finish();
      const { status, reason, fields } = x.response;
      put(shelf<Stored>(x, 'cache'), key, {
        varies,
        saidAt,
        until: saidAt + freshFor(x.response, params),
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
  if (status !== 200 && !(status === 204 && params['empty'] === 'kept')) return false;
  return freshFor(x.response!, params) > 0;
}

/** RFC 9111, 5.1: seconds since the origin said it, on top of what it was old then. */
function ageOf({ saidAt, ...stored }: Variant & { fields?: Field[] }, x: Exchange, params: ParamValues): Field[] {
  if (params['age'] === 'never') return [];
  const before = Number(field({ fields: stored.fields ?? [] }, 'age') ?? 0) || 0;
  return [['Age', String(before + Math.floor((x.clock.now() - saidAt) / 1000))]];
}

function matches(x: Exchange, etag: string | undefined): boolean {
  const match = asked.get(x)?.match;
  if (match === undefined || etag === undefined) return false;
  // RFC 9110, 13.1.2: If-None-Match compares weakly.
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return match.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}

/** Whatever of one kind is kept for a URL, by its variants. */
function shelf<T extends Variant>(x: Exchange, name: string): Map<string, T[]> {
  let shelves = x.store.get(name) as Map<string, T[]> | undefined;
  if (!shelves) x.store.set(name, (shelves = new Map()));
  return shelves;
}

const variant = <T extends Variant>(shelves: Map<string, T[]>, key: string, x: Exchange): T | undefined =>
  shelves.get(key)?.find(({ varies }) => fits(x.request, varies));

function put<T extends Variant>(shelves: Map<string, T[]>, key: string, one: T): void {
  const same = JSON.stringify(one.varies);
  const others = (shelves.get(key) ?? []).filter(({ varies }) => JSON.stringify(varies) !== same);
  shelves.set(key, [one, ...others]);
}

function remove<T extends Variant>(shelves: Map<string, T[]>, key: string, one: T): void {
  const others = (shelves.get(key) ?? []).filter((other) => other !== one);
  if (others.length > 0) shelves.set(key, others);
  else shelves.delete(key);
}
