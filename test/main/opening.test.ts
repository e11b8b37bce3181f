import { describe, expect, it } from 'vitest';
import { readArguments } from '../../src/main/arguments.ts';
import { readOpenRequest } from '../../src/main/open-request.ts';
import { sessionBus } from '../../src/main/session-bus.ts';

describe('what the desktop app is started with', () => {
  it('is a recording, a port and things to open, whatever switches of Chromium stand beside it', () => {
    const argv = [
      '--inspect=0',
      '/opt/app',
      '--record',
      'a.heartline',
      '--server-port',
      '8123',
      'b.heartline',
      'heartline://endpoint?url=http://h/',
    ];
    expect(readArguments(argv, '/home/me')).toEqual({
      record: '/home/me/a.heartline',
      serverPort: 8123,
      open: ['/home/me/b.heartline', 'heartline://endpoint?url=http://h/'],
      problems: [],
    });
  });

  it.each(['65536', 'x', '-1'])('a port %s is refused by name, and a free one taken', (port) => {
    const { serverPort, problems } = readArguments([`--server-port=${port}`], '/');
    expect(serverPort).toBeNull();
    expect(problems).toEqual([expect.stringContaining('--server-port')]);
  });
});

describe('a link', () => {
  it.each([
    [
      'heartline://endpoint?url=https%3A%2F%2Fexample.org%2Fe&dialect=nchan&channel=news',
      { kind: 'endpoint', url: 'https://example.org/e', dialect: 'nchan', channel: 'news', name: '' },
    ],
    ['heartline://scenario?text=name%3A%20x%0A', { kind: 'scenario', text: 'name: x\n' }],
    ['heartline://recording?file=%2Ftmp%2Fa.heartline.gz', { kind: 'recording', file: '/tmp/a.heartline.gz' }],
    ['/tmp/run.heartline', { kind: 'recording', file: '/tmp/run.heartline' }],
  ])('%s is understood', (given, wanted) => expect(readOpenRequest(given)).toEqual(wanted));

  it.each([
    ['heartline://run?command=id', 'link'],
    ['heartline://endpoint', 'url'],
    ['heartline://endpoint?url=http://h/&token=abc', 'token'],
    ['heartline://endpoint?url=http://h/&url=http://i/', 'url'],
    ['heartline://endpoint?url=file:///etc/passwd', 'url'],
    ['heartline://endpoint?url=https://me:secret@h/', 'url'],
    ['heartline://endpoint?url=h', 'url'],
    ['heartline://recording?file=a.heartline', 'file'],
    ['heartline://recording?file=//server/share/a.heartline', 'file'],
    ['heartline://recording?file=\\\\server\\share\\a.heartline', 'file'],
    ['heartline://recording?file=/etc/passwd', 'file'],
    [`heartline://scenario?text=${'a'.repeat(70_000)}`, 'link'],
  ])('%.60s is refused, and the place named', (given, place) => {
    expect(() => readOpenRequest(given)).toThrow(expect.objectContaining({ code: 'bad-link', place }));
  });
});

describe('the session bus', () => {
  it.each([
    [{ DBUS_SESSION_BUS_ADDRESS: 'unix:path=/run/user/1/bus,guid=1' }, '/run/user/1/bus'],
    [{ DBUS_SESSION_BUS_ADDRESS: 'tcp:host=h;unix:abstract=/tmp/x%20y' }, '\0/tmp/x y'],
    [{ DBUS_SESSION_BUS_ADDRESS: 'disabled:' }, null],
    [{ XDG_RUNTIME_DIR: '/run/user/1' }, '/run/user/1/bus'],
    [{}, null],
  ])('of %j is %j', (env, socket) => expect(sessionBus(env)).toBe(socket));
});
