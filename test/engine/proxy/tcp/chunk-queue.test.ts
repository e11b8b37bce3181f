import { describe, expect, it } from 'vitest';
import { ChunkQueue } from '../../../../src/engine/proxy/tcp/chunk-queue.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('arrivals', () => {
  it('keeps order and stamps, and knows how much waits', async () => {
    const queue = new ChunkQueue();
    queue.push(bytes('ab'), 1);
    queue.push(bytes('cde'), 2);
    expect(queue.size).toBe(5);
    queue.end('fin', 3);
    const seen: [string, number][] = [];
    for await (const c of queue) seen.push([Buffer.from(c.bytes).toString(), c.at]);
    expect(seen).toEqual([
      ['ab', 1],
      ['cde', 2],
      ['', 3], // the end on its way
    ]);
    expect(queue.size).toBe(0);
  });

  it('hands over without an end of its own', async () => {
    const queue = new ChunkQueue();
    queue.end('handover', 1);
    const seen = [];
    for await (const c of queue) seen.push(c);
    expect(seen).toEqual([]);
  });

  it('wakes a waiting reader, and takes nothing once it was abandoned', async () => {
    const queue = new ChunkQueue();
    setImmediate(() => queue.push(bytes('x'), 1));
    for await (const c of queue) {
      expect(c.at).toBe(1);
      break;
    }
    expect(queue.abandoned).toBe(true);
    queue.push(bytes('y'), 2);
    expect(queue.size).toBe(0);
  });

  it('survives a long backlog', () => {
    let taken = 0;
    const queue = new ChunkQueue(() => taken++);
    for (let i = 0; i < 5000; i++) queue.push(bytes(String(i)), i);
    for (let i = 0; i < 4000; i++) expect(queue.take()!.at).toBe(i);
    for (let i = 5000; i < 6000; i++) queue.push(bytes(String(i)), i);
    for (let i = 4000; i < 6000; i++) expect(queue.take()!.at).toBe(i);
    expect(queue.take()).toBeUndefined();
    expect(taken).toBe(6000);
  });
});
