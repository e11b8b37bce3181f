import { Broadcast } from '../broadcast.ts';
import { field } from '../framing.ts';
import type { Exchange, Policy } from '../policy.ts';
import { isPrivate, PRIVATE } from './cache-rules.ts';

interface Queue {
  /** Kept when the request now under way is over. */
  turn: Promise<void> | null;
  /** Until then nobody waits. */
  freeUntil: number;
  /** What those that waited together will get. */
  shared: Broadcast | null;
}

/** Requests for one URL wait for each other. With a cache behind it, those that waited may get the first one’s answer. */
export const collapse: Policy = {
  id: 'collapse',
  label: 'Collapsed requests',
  what: 'Requests for the same URL at the same time wait for each other: held polls take turns.',
  params: {
    how: {
      kind: 'choice',
      label: 'Waiting',
      default: 'first-alone',
      options: {
        'first-alone': 'The first goes alone, the rest together after it',
        'rest-shares': 'The first goes alone, then one more, whose answer all that waited get',
        serialise: 'One after the other',
      },
    },
    look: {
      kind: 'duration',
      label: 'Looks for its turn every',
      help: '0 is as soon as it comes.',
      default: 0,
      min: 0,
      max: 60_000,
    },
    free: {
      kind: 'duration',
      label: 'Then nobody waits for',
      help: '0 starts anew at once.',
      default: 0,
      min: 0,
      max: 86_400_000,
    },
    private: {
      kind: 'choice',
      label: 'A request of one person',
      default: 'kept',
      options: { ...PRIVATE, kept: 'Waits as all do' },
    },
  },
  short: (params) => (params['how'] === 'serialise' ? 'same requests one by one' : 'same requests collapsed'),
  http: {
    async request(x, params) {
      if (x.request.method !== 'GET' || x.upgrade !== null || isPrivate(x.request, params)) return;
      const queue = queueOf(x);
      if (x.clock.now() < queue.freeUntil) return;
      const how = String(params['how']);
      if (how === 'serialise') {
        const look = Number(params['look']);
        while (queue.turn && x.phase !== 'over') await (look > 0 ? x.clock.sleep(look) : queue.turn);
        if (x.phase !== 'over') take(queue, x);
        return;
      }
      if (!queue.turn) return take(queue, x, Number(params['free']));
      await queue.turn;
      if (how !== 'rest-shares' || x.phase === 'over') return;
      if (queue.shared) return queue.shared.join(x);
      // The first of those that waited asks for all of them.
      const shared = (queue.shared = new Broadcast());
      take(queue, x);
      leading.set(x, shared);
      x.onceOver(() => {
        if (queue.shared === shared) queue.shared = null;
      });
    },
    response(x) {
      turns.get(x)?.();
    },
    valve: (x, _params, emit) => leading.get(x)?.from(x, emit) ?? null,
    done: (x) => leading.get(x)?.finish(),
  },
};

/** What lets the next one go, by the exchange whose turn it is. */
const turns = new WeakMap<Exchange, () => void>();
const leading = new WeakMap<Exchange, Broadcast>();

/** A turn lasts until the head of the answer tells whether others may have it. */
function take(queue: Queue, x: Exchange, free = 0): void {
  const turn = (queue.turn = new Promise<void>((resolve) => {
    const release = (): void => {
      if (queue.turn === turn) queue.turn = null;
      if (free > 0) queue.freeUntil = x.clock.now() + free;
      resolve();
    };
    turns.set(x, release);
    x.onceOver(release);
  }));
}

function queueOf(x: Exchange): Queue {
  let queues = x.store.get('collapse') as Map<string, Queue> | undefined;
  if (!queues) x.store.set('collapse', (queues = new Map()));
  const key = `${field(x.request, 'host')} ${x.request.target}`;
  const queue = queues.get(key) ?? { turn: null, freeUntil: 0, shared: null };
  if (!queues.has(key)) {
    queues.set(key, queue);
    if (queues.size > 1000) queues.delete(queues.keys().next().value!);
  }
  return queue;
}
