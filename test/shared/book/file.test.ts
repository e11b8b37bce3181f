import { describe, expect, it } from 'vitest';
import { BookFile, readBook } from '../../../src/shared/book/file.ts';
import type { Entry } from '../../../src/shared/book/entry.ts';

const FILE = `# mine
version: 1
environment: staging
environments:
  staging: { host: s.example } # the small one
endpoints:
  # the one that matters
  - name: Orders
    folder: Shop
    urls:
      sse: https://{var.host}/orders # by SSE
    headers: { X-Tenant: blue }
  - name: Ticker
    urls: { websocket: wss://t.example }
    retryOn: [5xx, 1008=stop]
    deadline: 90s
    timeouts: { connect: 2s }
`;
const entries = (text: string): Entry[] => readBook(text).entries;
const change = (text: string, act: (book: BookFile) => void): string => {
  const book = new BookFile(text);
  act(book);
  return book.toString();
};

describe('the file of endpoints', () => {
  it('is read', () => {
    const { environments, environment, problems } = readBook(FILE);
    expect({ environments, environment, problems }).toEqual({
      environments: [{ name: 'staging', vars: { host: 's.example' } }],
      environment: 'staging',
      problems: [],
    });
    expect(entries(FILE)).toEqual([
      {
        folder: 'Shop',
        target: {
          kind: 'remote',
          name: 'Orders',
          base: null,
          urls: { sse: 'https://{var.host}/orders' },
          channel: 'demo',
          headers: { 'X-Tenant': 'blue' },
          dialect: 'plain',
        },
      },
      {
        folder: null,
        target: {
          kind: 'remote',
          name: 'Ticker',
          base: null,
          urls: { websocket: 'wss://t.example' },
          channel: 'demo',
          headers: {},
          dialect: 'plain',
          retryOn: ['5xx', '1008=stop'],
          deadlineMs: 90_000,
          timeouts: { connectMs: 2000 },
        },
      },
    ]);
  });

  it('a change leaves the comments of the rest, and reads back as what was meant', () => {
    const [orders, ticker] = entries(FILE);
    const changed = { ...orders!, target: { ...orders!.target, name: 'Orders 2', headers: { 'X-Tenant': 'green' } } };
    const text = change(FILE, (book) => book.save(changed, 'Orders'));
    for (const comment of ['# mine', '# the small one', '# the one that matters', '# by SSE'])
      expect(text).toContain(comment);
    expect(entries(text)).toEqual([changed, ticker]);
    const fresh: Entry = { folder: 'Shop', target: { ...orders!.target, name: 'New' } };
    const added = change(text, (book) => book.save(fresh));
    expect(entries(added).map((e) => e.target.name)).toEqual(['Orders 2', 'New', 'Ticker']);
    expect(entries(change(added, (book) => book.remove('Orders 2')))).toEqual([fresh, ticker]);
  });

  it('takes folders and order', () => {
    const text = change(FILE, (book) =>
      book.arrange([
        { name: 'Ticker', folder: 'Markets' },
        { name: 'Orders', folder: null },
        { name: 'nobody', folder: null },
      ]),
    );
    expect(entries(text).map(({ target, folder }) => [target.name, folder])).toEqual([
      ['Ticker', 'Markets'],
      ['Orders', null],
    ]);
    expect(text).toContain('# the one that matters');
  });

  it('takes environments', () => {
    const both = [
      { name: 'staging', vars: { host: 's2.example' } },
      { name: 'production', vars: { host: 'p.example' } },
    ];
    const text = change(FILE, (book) => book.setEnvironments(both, 'production'));
    expect(readBook(text)).toMatchObject({ environments: both, environment: 'production' });
    expect(text).toContain('# the one that matters');
    expect(readBook(change(text, (book) => book.setEnvironments([], null)))).toMatchObject({
      environments: [],
      environment: null,
    });
  });

  it('begins from nothing, and from a bare list', () => {
    const one = entries(FILE)[0]!;
    expect(entries(change('', (book) => book.save(one)))).toEqual([one]);
    expect(change('', (book) => book.save(one))).toMatch(/^# Endpoints that Heartline keeps/);
    expect(entries('- name: a\n  urls: { sse: http://a.example }\n')).toHaveLength(1);
  });

  it('an entry that cannot be read is named with its line, and stays', () => {
    const broken = `${FILE}  - name: Odd\n    uls: {}\n  - folder: x\n  - name: Ticker\n    urls: {}\n  - 5\n`;
    const { problems } = readBook(broken);
    expect(problems.map(({ line }) => line)).toEqual([19, 20, 21, 23]);
    expect(problems[0]).toMatchObject({
      message: expect.stringContaining('uls') as string,
      hint: expect.stringContaining('urls') as string,
    });
    const text = change(broken, (book) => book.remove('Orders'));
    expect(text).toContain('uls: {}');
  });

  it.each<[string, string]>([
    ['a: [', 'line 1'],
    ['version: 1\nendpoints:\n  - name: "x', 'line 3'],
    ['just text', 'line 1'],
  ])('%s is none: the line is named', (text, place) => {
    expect(() => readBook(text)).toThrow(expect.objectContaining({ code: 'bad-endpoints', place }) as Error);
  });
});
