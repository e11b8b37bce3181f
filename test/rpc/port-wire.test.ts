import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { portWire, type EmitterPort } from '../../src/rpc/port-wire.ts';

/** Electron's `MessagePortMain` is an emitter; its messages wait until `start`. */
class MainPort extends EventEmitter implements EmitterPort {
  sent: unknown[] = [];
  started = 0;
  closes = 0;
  postMessage(message: unknown): void {
    this.sent.push(message);
  }
  start(): void {
    this.started++;
  }
  close(): void {
    this.closes++;
  }
}

describe('a port of the main process', () => {
  it('is started when somebody listens, once, and heard', () => {
    const port = new MainPort();
    const wire = portWire(port);
    expect(port.started).toBe(0);
    const received: unknown[] = [];
    wire.listen((m) => received.push(m));
    wire.listen(() => undefined);
    expect(port.started).toBe(1);
    port.emit('message', { data: { a: 1 } });
    wire.send({ b: 2 });
    expect(received).toEqual([{ a: 1 }]);
    expect(port.sent).toEqual([{ b: 2 }]);
  });

  it('says goodbye, since a browser’s port would not notice, and takes a goodbye for an end', () => {
    const port = new MainPort();
    const wire = portWire(port);
    let closed = 0;
    wire.closed(() => closed++);
    wire.close();
    expect(port.sent).toHaveLength(1);
    expect([port.closes, closed]).toEqual([1, 1]);

    const other = new MainPort();
    const received: unknown[] = [];
    const otherWire = portWire(other);
    otherWire.closed(() => closed++);
    otherWire.listen((m) => received.push(m));
    other.emit('message', { data: port.sent[0] });
    other.emit('close');
    expect([other.closes, closed, received.length]).toEqual([1, 2, 0]);
    otherWire.send('late');
    expect(other.sent).toEqual([]);
  });
});
