import { existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { realClock } from '../../../src/engine/time/clock.ts';
import { checkRecordable, RecordingWriter } from '../../../src/engine/recording/writer.ts';
import { readRecording } from '../../../src/engine/recording/reader.ts';
import type { Failure } from '../../../src/shared/failure.ts';
import type { Observation } from '../../../src/shared/observation.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'heartline-recorder-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const event = (n: number, data = `event ${n}`): Observation => ({
  v: 1,
  n,
  at: 1_700_000_000_000 + n,
  lane: 'sse',
  type: 'event',
  cursor: `k3f9ab.${n}`,
  id: null,
  event: 'x',
  bytes: 10,
  latency: 3,
  duplicate: false,
  data,
});
const all = async (file: string): Promise<Observation[]> => {
  const records: Observation[] = [];
  for await (const record of readRecording(file)) records.push(record);
  return records;
};
const lineCount = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1;

describe.each(['run.heartline', 'run.heartline.gz'])('a recording named %s', (name) => {
  it('holds every observation once, in order, the early ones first', async () => {
    const file = join(dir, name);
    const recorder = new RecordingWriter({ file, clock: new FakeClock() });
    const opened = recorder.open([event(1), event(2)]);
    recorder.write(event(3)); // while the file is still being opened
    await opened;
    recorder.write(event(4, 'é\n\u2028€'));
    const { bytes, failure } = await recorder.close();
    expect(failure).toBeUndefined();
    expect(bytes).toBe(statSync(file).size);
    expect(await all(file)).toEqual([event(1), event(2), event(3), event(4, 'é\n\u2028€')]);
  });

  it('is on disk within a second', async () => {
    const file = join(dir, name);
    const clock = new FakeClock();
    const recorder = new RecordingWriter({ file, clock });
    await recorder.open([]);
    recorder.write(event(1));
    await clock.pass(1000);
    await vi.waitFor(async () => {
      expect(await all(file)).toEqual([event(1)]);
      expect(recorder.bytes).toBe(statSync(file).size);
    }, 30_000);
    await recorder.close();
  });

  it('is complete at ten thousand observations a second', { timeout: 60_000 }, async () => {
    const file = join(dir, name);
    const recorder = new RecordingWriter({ file, clock: realClock() });
    await recorder.open([]);
    let n = 0;
    for (let tick = 0; tick < 100; tick++) {
      for (let k = 0; k < 300; k++) recorder.write(event(++n));
      await new Promise((r) => setTimeout(r, 5));
    }
    await recorder.close();
    const numbers = (await all(file)).map((o) => o.n);
    expect(numbers).toEqual(Array.from({ length: 30_000 }, (_, i) => i + 1));
  });

  it('can be read up to where a crash cut it off', async () => {
    const file = join(dir, name);
    const clock = new FakeClock();
    const recorder = new RecordingWriter({ file, clock });
    await recorder.open([]);
    for (let n = 1; n <= 50; n++) recorder.write(event(n));
    await clock.pass(600);
    await vi.waitFor(() => expect(recorder.bytes).toBeGreaterThan(0), 30_000);
    for (let n = 51; n <= 100; n++) recorder.write(event(n));
    await recorder.close();
    truncateSync(file, statSync(file).size - 20);
    const got = (await all(file)).map((o) => o.n);
    expect(got.length).toBeGreaterThanOrEqual(50);
    expect(got.length).toBeLessThan(100);
    expect(got).toEqual(Array.from({ length: got.length }, (_, i) => i + 1));
  });
});

describe('the recorder', () => {
  it('writes no secrets', async () => {
    const file = join(dir, 'a.heartline');
    const recorder = new RecordingWriter({ file, clock: new FakeClock() });
    const base = { v: 1 as const, at: 1, lane: 'sse' };
    await recorder.open([
      { ...base, n: 1, type: 'request', id: 1, method: 'GET', url: 'http://bob:hunter2@h/?token=hunter2' },
      { ...base, n: 2, type: 'wire', dir: 'out', what: 'request', text: 'Cookie: hunter2\r\n', bytes: 9 },
    ]);
    await recorder.close();
    expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
    expect(lineCount(file)).toBe(2);
  });

  it('never overwrites a recording, and takes an empty file', async () => {
    const file = join(dir, 'a.heartline');
    writeFileSync(file, 'precious\n');
    await expect(new RecordingWriter({ file, clock: new FakeClock() }).open([])).rejects.toMatchObject({
      code: 'file-exists',
      place: file,
    });
    expect(readFileSync(file, 'utf8')).toBe('precious\n');
    writeFileSync(file, '');
    const recorder = new RecordingWriter({ file, clock: new FakeClock() });
    await recorder.open([event(1)]);
    await recorder.close();
    expect(lineCount(file)).toBe(1);
  });

  it('two do not write into one file: the second is refused, whichever came how far', async () => {
    const file = join(dir, 'same.heartline');
    const one = new RecordingWriter({ file, clock: realClock() });
    const two = new RecordingWriter({ file, clock: realClock() });
    const opened = await Promise.allSettled([one.open([]), two.open([])]);
    expect(opened.map((o) => o.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(opened.find((o) => o.status === 'rejected')).toMatchObject({ reason: { code: 'file-exists', exit: 2 } });
    expect(statSync(file).mode & 0o077).toBe(0);
    await one.close();
    await two.close();
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  it('can be asked beforehand, and leaves nothing behind', async () => {
    const file = join(dir, 'free.heartline');
    await checkRecordable(file);
    expect(existsSync(file)).toBe(false);
    writeFileSync(file, 'precious\n');
    await expect(checkRecordable(file)).rejects.toMatchObject({ code: 'file-exists', place: file, exit: 2 });
    expect(readFileSync(file, 'utf8')).toBe('precious\n');
    await expect(checkRecordable(dir)).rejects.toMatchObject({ code: 'cannot-record' });
  });

  it('names a file that cannot be written, and why', async () => {
    const file = join(dir, 'nowhere', 'a.heartline');
    await expect(new RecordingWriter({ file, clock: new FakeClock() }).open([])).rejects.toMatchObject({
      code: 'cannot-record',
      place: file,
      message: 'Its folder is not there.',
    });
    await expect(new RecordingWriter({ file: dir, clock: new FakeClock() }).open([])).rejects.toMatchObject({
      message: 'It is a folder.',
    });
  });

  // Linux has a disk that is always full.
  it.skipIf(!existsSync('/dev/full'))('survives a full disk: says so once, keeps quiet, closes', async () => {
    const failures: Failure[] = [];
    const recorder = new RecordingWriter({
      file: '/dev/full',
      clock: new FakeClock(),
      failed: (f) => failures.push(f),
    });
    await recorder.open([event(1)]);
    for (let n = 2; n < 5000; n++) recorder.write(event(n));
    const { failure } = await recorder.close();
    recorder.write(event(1));
    expect(failures).toHaveLength(1);
    expect(failure).toMatchObject({ code: 'cannot-record', message: 'The disk is full.' });
  });

  it('has no timer left when it is closed', async () => {
    const clock = new FakeClock();
    const recorder = new RecordingWriter({ file: join(dir, 'a.heartline'), clock });
    await recorder.open([]);
    await recorder.close();
    expect(clock.next()).toBeNull();
  });
});

describe('reading a recording', () => {
  const written = (text: string | Buffer): string => {
    const file = join(dir, 'r.heartline');
    writeFileSync(file, text);
    return file;
  };
  const good = JSON.stringify(event(1));

  it.each([
    ['not JSON', `${good}\nnonsense\n${good}\n`, 'line 2', 'This line is not JSON.'],
    ['JSON, but no observation', `${good}\n\n{"hello":1}\n`, 'line 3', 'no observation'],
    ['a version to come', `${good.replace('"v":1', '"v":2')}\n`, 'line 1', 'newer Heartline'],
    ['a whole last line that is no observation', `${good}\n[]`, 'line 2', 'no observation'],
  ])('names the line that is %s', async (_, text, line, message) => {
    const failure = await all(written(text)).catch((e: unknown) => e as Failure);
    expect(failure).toMatchObject({ code: 'bad-recording', exit: 3 });
    expect((failure as Failure).place).toBe(`${join(dir, 'r.heartline')}: ${line}`);
    expect((failure as Failure).message).toContain(message);
  });

  it('leaves out a torn last line, keeps a whole one without its newline', async () => {
    expect(await all(written(`${good}\n${good.slice(0, 30)}`))).toHaveLength(1);
    expect(await all(written(`${good}\n${good}`))).toHaveLength(2);
    expect(await all(written(''))).toEqual([]);
  });

  it('reads compressed bytes whatever they are called, and names damaged ones', async () => {
    const recorder = new RecordingWriter({ file: join(dir, 'z.heartline.gz'), clock: new FakeClock() });
    await recorder.open([event(1)]);
    await recorder.close();
    const bytes = readFileSync(join(dir, 'z.heartline.gz'));
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(event(1));
    expect(await all(written(bytes))).toEqual([event(1)]);
    bytes[15]! ^= 0xff;
    await expect(all(written(bytes))).rejects.toMatchObject({ exit: 3 });
  });

  it('names a file that is not there', async () => {
    await expect(all(join(dir, 'none'))).rejects.toMatchObject({ code: 'cannot-read', place: join(dir, 'none') });
  });
});
