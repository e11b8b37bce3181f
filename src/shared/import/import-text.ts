/** Whatever somebody has of an endpoint: a curl command, a HAR file or entry, a file of endpoints. */
import type { Entry } from '../book/entry.ts';
import { readBook } from '../book/file.ts';
import type { Environment } from '../book/book.ts';
import { Failure } from '../failure.ts';
import { importCurl, isCurl } from './curl.ts';
import { harEntries, isHar } from './har.ts';
import type { Imported, LeftOut } from './imported.ts';

export interface ImportReading {
  kind: 'curl' | 'har' | 'endpoints';
  items: ImportItem[];
  environments: Environment[];
}

export interface ImportItem {
  entry: Entry;
  /** Of a request: what it is followed by, and how that is known (null: a guess). */
  request: Pick<Imported, 'method' | 'by'> | null;
  leftOut: LeftOut[];
  /** Of a HAR file: its number there. */
  number?: number;
}

/**
 * @param options.entries of a HAR file: the numbers to take; by default what streams in it
 * @throws Failure `cannot-understand`, `which-entry`, `bad-endpoints`
 */
export function readImport(text: string, { entries }: { entries?: readonly number[] } = {}): ImportReading {
  if (isCurl(text) || /^\s*Invoke-(Web|Rest)/i.test(text)) return requests('curl', [importCurl(text)]);
  if (isHar(text)) return requests('har', chosen(text, entries));
  if (/^\s*(-|[\w"'{[#])/.test(text) && /(^|[\s{["'])endpoints["']?\s*:|^\s*-\s+name:|^\s*\[/.test(text)) {
    const { entries: saved, environments, problems } = readBook(text);
    const [problem] = problems;
    if (problem && saved.length === 0) {
      const { line, message, hint } = problem;
      throw new Failure({ code: 'bad-endpoints', place: `line ${line}`, message, exit: 2, ...(hint ? { hint } : {}) });
    }
    const leftOut = problems.map(({ line, message }) => ({ part: `line ${line}`, reason: message }));
    const items = saved.map((entry, i): ImportItem => ({ entry, request: null, leftOut: i === 0 ? leftOut : [] }));
    return { kind: 'endpoints', items, environments };
  }
  throw new Failure({
    code: 'cannot-understand',
    place: `the part ${text.trim().slice(0, 40).split('\n')[0] ?? ''}`,
    message: 'It is neither a curl command, nor a HAR file, nor a file of endpoints.',
    hint: 'In the browser’s network panel, “Copy as cURL” gives the first.',
    exit: 2,
  });
}

function requests(kind: 'curl' | 'har', all: (Imported & { number?: number })[]): ImportReading {
  const items = all.map(({ target, method, by, leftOut, number }): ImportItem => {
    return { entry: { target, folder: null }, request: { method, by }, leftOut, ...(number === undefined ? {} : { number }) };
  }); // prettier-ignore
  return { kind, items, environments: [] };
}

function chosen(text: string, numbers: readonly number[] | undefined): (Imported & { number: number })[] {
  const all = harEntries(text);
  const streams = all.filter(({ stream }) => stream !== null);
  const picked = numbers
    ? all.filter(({ number }) => numbers.includes(number))
    : streams.length > 0
      ? streams
      : all.length === 1
        ? all
        : [];
  if (picked.length > 0) return picked.map(({ number, imported }) => ({ ...imported(), number }));
  const some = all.slice(0, 8).map(({ number, url }) => `${number} ${url.split('?')[0]!.slice(0, 80)}`);
  throw new Failure({
    code: 'which-entry',
    place: 'HAR',
    message: numbers ? `It has no entry ${numbers.join(', ')}.` : `None of its ${all.length} entries is a stream.`,
    hint: `Name one by its number (--entry N): ${some.join('; ')}${all.length > 8 ? ' …' : ''}.`,
    exit: 2,
  });
}
