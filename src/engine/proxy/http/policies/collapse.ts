import { field } from '../framing.ts';
import type { Exchange, Policy } from '../policy.ts';

interface Queue {
  /** Kept when the request now under way is over. */
  turn: Promise<void> | null;
  /** Until then nobody waits. */
  freeUntil: number;
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
  },
  short: (params) => (params['how'] === 'serialise' ? 'same requests one by one' : 'same requests collapsed'),
  http: {
    async request(x, params) {
      if (x.request.method !== 'GET' || x.upgrade !== null) return;
      const queue = queueOf(x);
      if (x.clock.now() < queue.freeUntil) return;
      if (params['how'] === 'serialise') {
        const look = Number(params['look']);
        while (queue.turn && x.phase !== 'over') await (look > 0 ? x.clock.sleep(look) : queue.turn);
        if (x.phase !== 'over') take(queue, x);
      } else if (queue.turn) await queue.turn;
      else take(queue, x, Number(params['free']));
    },
  },
};

function take(queue: Queue, x: Exchange, free = 0): void {
  const turn = (queue.turn = new Promise<void>((resolve) => {
    x.onceOver(() => {
      if (queue.turn === turn) queue.turn = null;
      if (free > 0) queue.freeUntil = x.clock.now() + free;
      resolve();
    });
  }));
}

function queueOf(x: Exchange): Queue {
  let queues = x.store.get('collapse') as Map<string, Queue> | undefined;
  if (!queues) x.store.set('collapse', (queues = new Map()));
  const key = `${field(x.request, 'host')} ${x.request.target}`;
  const queue = queues.get(key) ?? { turn: null, freeUntil: 0 };
  if (!queues.has(key)) {
    queues.set(key, queue);
    if (queues.size > 1000) queues.delete(queues.keys().next().value!);
  }
  return queue;
}
