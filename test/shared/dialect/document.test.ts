import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDialectText, readDialectDocument } from '../../../src/shared/dialect/document.ts';
import { dialectToYaml } from '../../../src/shared/dialect/write.ts';

/** Every key of the language. */
export const TICKER = `
dialect: 2
name: ticker
label: An exchange's book channel
ids:
  kind: dense
  next: same
  epoch: {hello: /epoch}
methods:
  websocket:
    url: '{base}/ws/{channel}'
    first: {method: GET, query: {}, headers: {}, body: null}
    resume: {query: {since: '{cursor}', epoch: '{epoch}'}}
    subprotocols: [v1.ticker]
    framing: json
    open:
      - {send: {type: connection_init}, await: {/type: connection_ack}, within: 5s}
      - {send: {op: subscribe, from: '{cursor?}'}, await: {/event: subscribed}}
    each: /results
    messages:
      - {when: {data: '[DONE]'}, is: end}
      - {when: {event: ping}, is: beat}
      - {when: {comment: hb}, is: beat}
      - {when: {/type: ping}, is: beat, answer: {type: pong}}
      - {when: {/op: pong}, is: pong}
      - {when: {/type: hello}, is: hello, newest: /cursor, oldest: /oldest}
      - {when: {/type: snapshot}, is: rebase, id: /seq}
      - {when: {/type: BOOKMARK}, is: cursor, id: /object/metadata/resourceVersion}
      - {when: {/type: gap}, is: gap, oldest: /oldest, then: before-oldest}
      - {when: {/object/code: 410}, is: gap, then: restart}
      - {when: {/type: error}, is: error, text: /message}
      - {when: {/a: {exists: true}, /b: {pattern: '^x'}}, is: ignore}
      - {is: event, id: /seq, previous: /prevSeq, type: /type, time: {at: /ts, unit: ms}, data: /doc}
    beat: {every: 20s, send: {op: ping}, expect: {/op: pong}, within: 10s}
    after:
      status: {401: refresh, 410: gap, 429: advice, 4xx: stop, 5xx: retry}
      close: {1000: end, 4409: gap, 4408: stop, 3000-3499: retry}
      lost: stop
  long-polling:
    hold: {query: timeout, unit: s}
    pace: {header: X-Poll-Interval, unit: s, floor: 1s}
    pages: {link: next, order: newest-first}
    cursor: {header: Stream-Next-Offset}
    nothingNew: [204, 304]
    framing: list
`;

describe('a dialect file of version 2', () => {
  it('is read whole', () => {
    const { dialect, problems } = readDialectDocument(TICKER);
    expect(problems).toEqual([]);
    const ws = dialect!.methods.websocket!;
    expect(ws.open.map((step) => step.withinMs)).toEqual([5000, 10_000]);
    expect(ws.messages.map((rule) => rule.is).join()).toBe(
      'end,beat,beat,beat,pong,hello,rebase,cursor,gap,gap,error,ignore,event',
    );
    expect(ws.after.status).toContainEqual({ from: 400, to: 499, then: 'stop' });
    expect(ws.after.close).toContainEqual({ from: 3000, to: 3499, then: 'retry' });
    expect(dialect!.methods['long-polling']).toMatchObject({
      hold: { in: 'query', name: 'timeout', unit: 's' },
      pace: { place: { header: 'x-poll-interval' }, unit: 's', floorMs: 1000 },
      cursor: { header: 'stream-next-offset' },
    });
  });

  it('is written so that it can be read again, and JSON is as good', () => {
    const { dialect } = readDialectDocument(TICKER);
    expect(readDialectDocument(dialectToYaml(dialect!))).toEqual({ dialect, problems: [] });
    const json = '{"dialect": 2, "name": "j", "methods": {"sse": {"messages": [{"is": "event", "id": "/seq"}]}}}';
    expect(readDialectDocument(json).dialect!.methods.sse!.messages[0]!.id).toEqual({ pointer: '/seq' });
  });

  it('may leave nearly everything out', () => {
    expect(parseDialectText('dialect: 2\nmethods: {sse: {}}', 'a/mine.yaml')).toMatchObject({
      name: 'mine',
      ids: { kind: 'opaque', next: 'same' },
      methods: { sse: { framing: 'sse', messages: [{ is: 'event', when: [] }] } },
    });
  });

  it('keeps whole numbers that a double would round', () => {
    const { dialect } = readDialectDocument(
      'dialect: 2\nmethods: {sse: {messages: [{when: {/id: 9007199254740993}, is: ignore}]}}',
    );
    expect(dialect!.methods.sse!.messages[0]!.when[0]!.test).toEqual({ equals: '9007199254740993' });
  });

  it.each([
    ['framming', 'methods:\n  sse:\n    framming: sse', 4, 'methods.sse.framming', 'Did you mean framing?'],
    ['a method', 'methods:\n  websockets: {}', 3, 'methods.websockets', 'Did you mean websocket?'],
    ['a kind', 'ids: {kind: dens}\nmethods: {sse: {}}', 2, 'ids.kind', 'Did you mean dense?'],
    [
      'a rule',
      'methods:\n  sse:\n    messages:\n      - {is: evnt}',
      5,
      'methods.sse.messages[0].is',
      'Did you mean event?',
    ],
    [
      'a key of a rule',
      'methods:\n  sse:\n    messages:\n      - is: event\n        prevous: /p',
      6,
      'methods.sse.messages[0].prevous',
      'Did you mean previous?',
    ],
    [
      'a pointer',
      'methods:\n  sse:\n    messages: [{is: event, id: seq}]',
      4,
      'methods.sse.messages[0].id',
      'Write /seq',
    ],
    [
      'a template',
      "methods:\n  sse:\n    resume: {query: {a: '{curser}'}}",
      4,
      'methods.sse.resume.query.a',
      'Did you mean {cursor}?',
    ],
    [
      'a code',
      'methods:\n  sse:\n    after: {status: {40: stop}}',
      4,
      'methods.sse.after.status.40',
      'Write 503, 5xx or 500-504.',
    ],
    ['an epoch', "methods:\n  sse:\n    resume: {query: {e: '{epoch}'}}", 3, 'methods.sse', undefined],
    [
      'a duration',
      'methods:\n  websocket:\n    beat: {every: 20, send: p}',
      4,
      'methods.websocket.beat.every',
      undefined,
    ],
    ['a pattern', "ids: {epoch: {pattern: '(?<seq'}}\nmethods: {sse: {}}", 2, 'ids.epoch.pattern', undefined],
    ['a version', 'methods: {sse: {}}', 2, 'dialect', 'Begin the file with "dialect: 2".'],
  ])('with a mistake in %s names line, key and the nearest right one', (_, body, line, key, hint) => {
    const head = _ === 'a version' ? '# none\n' : 'dialect: 2\n';
    const { dialect, problems } = readDialectDocument(head + body);
    expect(dialect).toBeNull();
    expect(problems[0]).toMatchObject({ line, key });
    if (hint !== undefined) expect(problems[0]!.hint).toBe(hint);
  });

  it('is refused with file, line and key', () => {
    expect(() => parseDialectText('dialect: 2\nmethods:\n  sse: {framming: sse}', 'd.yaml', '--dialect')).toThrow(
      expect.objectContaining({ code: 'bad-dialect', exit: 2, place: '--dialect d.yaml:3: methods.sse.framming' }),
    );
    expect(() => parseDialectText('a: [', 'd.yaml')).toThrow(expect.objectContaining({ place: 'd.yaml:1' }));
  });
});

describe('a dialect file of version 1', () => {
  it.each(['aiohttp', 'better-sse'])('of the rig %s is still read', (rig) => {
    const text = readFileSync(new URL(`../../rigs/${rig}/dialect.json`, import.meta.url), 'utf8');
    const { dialect, problems } = readDialectDocument(text);
    expect(problems).toEqual([]);
    expect(readDialectDocument(dialectToYaml(dialect!)).dialect).toEqual(dialect);
  });

  it('means in version 2 what it meant', () => {
    const { dialect } = readDialectDocument(
      readFileSync(new URL('../../fixtures/dialect-v1/nchan.json', import.meta.url), 'utf8'),
    );
    expect(dialect).toMatchObject({
      ids: { kind: 'opaque' },
      methods: {
        'long-polling': { cursor: 'validators', resume: { validators: '{cursor}' }, nothingNew: [204, 304, 408] },
        websocket: { framing: 'meta', resume: { query: { last_event_id: '{cursor}' } } },
      },
    });
  });
});
