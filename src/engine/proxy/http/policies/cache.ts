import type { cache as definition } from '../../../../shared/path/policies/cache.ts';
import { SharedResponse } from '../shared-response.ts';
import { dropField, field, setField, type Field } from '../message.ts';
import type { Exchange, PolicyImpl } from '../policy.ts';
import { matchesVary, freshnessMs, isShareable, varyFields, type CacheParams } from './cache-rules.ts';

/** What is told apart by what it varies by. */
interface Variant {
  varies: Field[];
  /** Engine time at which it came from the origin. */
  receivedAt: number;
}

interface StoredResponse extends Variant {
  until: number;
  status: number;
  reason: string;
  fields: Field[];
  body: string;
}

interface PendingResponse extends Variant {
  shared: SharedResponse;
  over: Promise<void>;
}

/** Requests whose answers may be stored, with what they asked for conditionally. */
const cacheableRequests = new WeakMap<Exchange, { key: string; match: string | undefined }>();
/** Answers on their way through that are to be kept. */
const pendingStores = new WeakMap<Exchange, PendingResponse>();

/** A cache that keeps answers nobody allowed it to keep. */
export const cache: PolicyImpl<typeof definition> = {
  async request(x, params) {
    if (!isShareable(x, params)) return;
    const key = `${field(x.request, 'host')} ${x.request.target}`;
    cacheableRequests.set(x, { key, match: field(x.request, 'if-none-match') });
    if (params.match !== 'passed') dropField(x.request, 'if-none-match', 'if-modified-since');
    const coming = findVariant(variantsOf<PendingResponse>(x, 'cache-coming'), key, x);
    if (coming && params.meanwhile === 'replay') {
      cacheableRequests.delete(x);
      return coming.shared.join(x, ageField(coming, x, params));
    }
    if (coming) await coming.over;
    const stored = findVariant(variantsOf<StoredResponse>(x, 'cache'), key, x);
    if (x.phase === 'over' || !stored || stored.until <= x.clock.now()) return;
    const same = matches(x, field(stored, 'etag'));
    const head = { fields: [...stored.fields] };
    for (const [name, value] of ageField(stored, x, params)) setField(head, name, value);
    const { status, reason, body } = stored;
    if (same) x.respond({ status: 304, fields: head.fields.filter(([n]) => !/^content-/i.test(n)), server: 'none' });
    else x.respond({ status, reason, fields: head.fields, body, server: 'none' });
  },
  response(x, params) {
    const head = x.response!;
    if (head.status === 101) return;
    if (params.age === 'always' && field(head, 'age') === undefined) setField(head, 'Age', '0');
    if (params.match === 'answered' && head.status === 200 && matches(x, field(head, 'etag'))) {
      head.status = 304;
      head.reason = 'Not Modified';
      dropField(head, 'content-length', 'content-type');
    }
  },
  bodyFilter(x, params, emit) {
    if (!cacheableRequests.has(x) || !isStorable(x, params)) return null;
    const { key } = cacheableRequests.get(x)!;
    const shared = new SharedResponse();
    const over = new Promise<void>((resolve) => x.onceOver(resolve));
    const coming: PendingResponse = {
      shared,
      over,
      varies: varyFields(x.request, x.response!),
      receivedAt: x.clock.now(),
    };
    pendingStores.set(x, coming);
    const variants = variantsOf<PendingResponse>(x, 'cache-coming');
    putVariant(variants, key, coming);
    x.onceOver(() => removeVariant(variants, key, coming));
    return shared.recordFrom(x, emit);
  },
  responseComplete(x, params) {
    const coming = pendingStores.get(x);
    const { key } = cacheableRequests.get(x) ?? {};
    if (!coming || key === undefined || !x.response) return;
    const { shared, varies, receivedAt } = coming;
    shared.finish();
    const { status, reason, fields } = x.response;
    putVariant(variantsOf<StoredResponse>(x, 'cache'), key, {
      varies,
      receivedAt,
      until: receivedAt + freshnessMs(x.response, params),
      status,
      reason,
      fields: fields.filter(([n]) => n.toLowerCase() !== 'content-length'),
      body: shared.body!.toString('latin1'),
    });
  },
};

function isStorable(x: Exchange, params: CacheParams): boolean {
  const { status } = x.response!;
  if (status !== 200 && !(status === 204 && params.empty === 'kept')) return false;
  return freshnessMs(x.response!, params) > 0;
}

/** RFC 9111, 5.1: seconds since it came from the origin, on top of its age then. */
function ageField(
  { receivedAt, ...stored }: Variant & { fields?: Field[] },
  x: Exchange,
  params: CacheParams,
): Field[] {
  if (params.age === 'never') return [];
  const before = Number(field({ fields: stored.fields ?? [] }, 'age') ?? 0) || 0;
  return [['Age', String(before + Math.floor((x.clock.now() - receivedAt) / 1000))]];
}

function matches(x: Exchange, etag: string | undefined): boolean {
  const match = cacheableRequests.get(x)?.match;
  if (match === undefined || etag === undefined) return false;
  // RFC 9110, 13.1.2: If-None-Match compares weakly.
  const bare = (tag: string): string => tag.trim().replace(/^W\//, '');
  return match.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}

/** Whatever of one kind is kept for a URL, by its variants. */
function variantsOf<T extends Variant>(x: Exchange, name: string): Map<string, T[]> {
  // cast: nobody else writes under this key
  let variants = x.store.get(name) as Map<string, T[]> | undefined;
  if (!variants) x.store.set(name, (variants = new Map()));
  return variants;
}

const findVariant = <T extends Variant>(variants: Map<string, T[]>, key: string, x: Exchange): T | undefined =>
  variants.get(key)?.find(({ varies }) => matchesVary(x.request, varies));

function putVariant<T extends Variant>(variants: Map<string, T[]>, key: string, one: T): void {
  const same = JSON.stringify(one.varies);
  const others = (variants.get(key) ?? []).filter(({ varies }) => JSON.stringify(varies) !== same);
  variants.set(key, [one, ...others]);
}

function removeVariant<T extends Variant>(variants: Map<string, T[]>, key: string, one: T): void {
  const others = (variants.get(key) ?? []).filter((other) => other !== one);
  if (others.length > 0) variants.set(key, others);
  else variants.delete(key);
}
