import type { collapse as definition } from '../../../../shared/path/policies/collapse.ts';
import { SharedResponse } from '../shared-response.ts';
import { field } from '../message.ts';
import type { Exchange, PolicyImpl } from '../policy.ts';
import { isShareable } from './cache-rules.ts';

interface RequestQueue {
  /** Kept when the request now under way is over. */
  turn: Promise<void> | null;
  /** Until then nobody waits. */
  noWaitUntil: number;
  /** What those that waited together will get. */
  shared: SharedResponse | null;
}

/** Requests for one URL wait for each other. With a cache behind it, those that waited may get the first one’s answer. */
export const collapse: PolicyImpl<typeof definition> = {
  async request(x, params) {
    if (params.of === 'url' && !isShareable(x, params)) return;
    const queue = queueOf(x, params.of);
    if (x.clock.now() < queue.noWaitUntil) return;
    const { how } = params;
    if (how === 'serialise') {
      const { look } = params;
      while (queue.turn && x.phase !== 'over') await (look > 0 ? x.clock.sleep(look) : queue.turn);
      if (x.phase !== 'over') takeTurn(queue, x);
      return;
    }
    if (!queue.turn) return takeTurn(queue, x, params.free);
    await queue.turn;
    if (how !== 'rest-shares' || x.phase === 'over') return;
    if (queue.shared) return queue.shared.join(x);
    // The first of those that waited asks for all of them.
    const shared = (queue.shared = new SharedResponse());
    takeTurn(queue, x);
    sharedResponses.set(x, shared);
    x.onceOver(() => {
      if (queue.shared === shared) queue.shared = null;
    });
  },
  response(x, params) {
    if (params.of === 'url') turnReleases.get(x)?.();
  },
  bodyFilter: (x, _params, emit) => sharedResponses.get(x)?.recordFrom(x, emit) ?? null,
  responseComplete: (x) => sharedResponses.get(x)?.finish(),
};

/** What lets the next one go, by the exchange whose turn it is. */
const turnReleases = new WeakMap<Exchange, () => void>();
const sharedResponses = new WeakMap<Exchange, SharedResponse>();

/** A turn lasts until the head of the answer tells whether others may have it, or that of a single worker until it is over. */
function takeTurn(queue: RequestQueue, x: Exchange, free = 0): void {
  const turn = (queue.turn = new Promise<void>((resolve) => {
    const release = (): void => {
      if (queue.turn === turn) queue.turn = null;
      if (free > 0) queue.noWaitUntil = x.clock.now() + free;
      resolve();
    };
    turnReleases.set(x, release);
    x.onceOver(release);
  }));
}

function queueOf(x: Exchange, of: 'url' | 'any'): RequestQueue {
  // cast: nobody else writes under this key
  let queues = x.store.get('collapse') as Map<string, RequestQueue> | undefined;
  if (!queues) x.store.set('collapse', (queues = new Map()));
  const key = of === 'any' ? '' : `${field(x.request, 'host')} ${x.request.target}`;
  const queue = queues.get(key) ?? { turn: null, noWaitUntil: 0, shared: null };
  if (!queues.has(key)) {
    queues.set(key, queue);
    if (queues.size > 1000) queues.delete(queues.keys().next().value!);
  }
  return queue;
}
