import { expect, it } from 'vitest';
import { SignalQueue } from '../../../../src/engine/client/connection/signal-queue.ts';

const full = (): SignalQueue => {
  const queue = new SignalQueue(() => {});
  expect(queue.room()).toBeNull();
  for (let i = 0; i < 5000; i++) queue.push({ kind: 'steady' });
  return queue;
};

it('whoever can wait is to wait until what is queued has been taken', async () => {
  const queue = full();
  let room = false;
  const waited = queue.room()!.then(() => (room = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(room).toBe(false);
  const reader = queue[Symbol.asyncIterator]();
  await reader.next();
  await waited;
  expect(queue.room()).toBeNull();
});

it('nobody waits for a queue that is closed', async () => {
  const queue = full();
  const waited = queue.room();
  queue.close();
  await waited;
  expect(queue.room()).toBeNull();
});

it('a few great messages are to be waited for too', () => {
  const queue = new SignalQueue(() => {});
  const event = { kind: 'event', id: null, type: 't', time: null, bytes: 1 } as const;
  queue.push({ ...event, data: 'a' });
  expect(queue.room()).toBeNull();
  queue.push({ ...event, data: 'a'.repeat(15 * 1024 * 1024) });
  expect(queue.room()).not.toBeNull();
});
