import { afterEach, describe, expect, it } from 'vitest';
import { eventually, Rig } from '../sockets.ts';

let rig: Rig;
afterEach(() => rig.stop());

describe('half-close on the wire', () => {
  it('down: the client gets FIN, is still heard, and what the server says is lost', async () => {
    rig = await new Rig().start(['half-close:bytes=5B']);
    const { client, server, port } = await rig.open();
    server.write('01234lost');
    await eventually(() => client.seen.length > 0);
    expect([client.text, client.seen]).toEqual(['01234', ['fin']]);
    client.write('still here');
    await eventually(() => server.text === 'still here');
    server.write('lost too'.repeat(200_000));
    client.write(', and here');
    await eventually(() => server.text === 'still here, and here' && server.socket.writableLength === 0);
    expect([client.text, server.seen]).toEqual(['01234', []]);
    expect(rig.causes.take(port)).toMatchObject({ cause: 'half-close', by: 'path' });
    client.socket.end();
    await eventually(() => server.seen.length > 0);
    expect(server.seen).toEqual(['fin']);
    server.socket.end();
    await eventually(() => rig.path.connections().length === 0);
  });

  it('does not hold up who still speaks, however much waited to be carried', async () => {
    rig = await new Rig().start(['half-close:bytes=5B+latency:delay=300ms']);
    const { client, server } = await rig.open();
    server.write('x'.repeat(8 * 1024 * 1024));
    await eventually(() => client.seen.length > 0);
    await eventually(() => server.socket.writableLength === 0);
    expect(client.text).toBe('xxxxx');
  });

  it('up: the server gets FIN and its answer still arrives', async () => {
    rig = await new Rig({ scale: 20 }).start(['half-close:time=5s,dir=up']);
    const { client, server } = await rig.open();
    client.write('asked');
    await eventually(() => server.seen.length > 0);
    expect([server.text, server.seen]).toEqual(['asked', ['fin']]);
    client.write('and lost');
    server.write('answered');
    await eventually(() => client.text === 'answered');
    expect([server.text, client.seen]).toEqual(['asked', []]);
    rig.set(); // what has ended does not begin anew
    client.write('lost as well');
    server.write(', twice');
    await eventually(() => client.text === 'answered, twice');
    expect(server.text).toBe('asked');
    server.socket.end();
    await eventually(() => client.seen.length > 0);
    expect(client.seen).toEqual(['fin']);
  });
});
