import { copyFileSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openLog } from '../../../src/engine/log/index.ts';
import { seeded } from '../../../src/shared/random.ts';
import { FakeClock } from '../../helpers/fake-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'heartline-open-log-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = (seed = 1, count = 1000) => ({
  clock: new FakeClock(),
  random: seeded(seed),
  retention: { count, ageMs: 3_600_000, bytes: 1e6 },
});

describe('opening a log', () => {
  it('comes back from a file with its epoch, its head, its events and its ended channels', async () => {
    const spec = `sqlite:${join(folder, 'kept.db')}`;
    const before = await openLog(spec, options(1));
    for (let i = 1; i <= 5; i++) await before.channel('a').append({ type: 't', data: `${i}` });
    await before.channel('done').append({ type: 't', data: 'last' });
    await before.channel('done').end();
    const bounds = before.channel('a').bounds();
    await before.close();

    const after = await openLog(spec, options(2));
    expect(after.channel('a').bounds()).toEqual(bounds);
    expect(after.channel('a').read(3, 10)).toMatchObject([{ data: '4' }, { data: '5' }]);
    expect((await after.channel('a').append({ type: 't', data: '6' })).cursor).toBe(`${bounds.epoch}.6`);
    expect(after.channel('done').bounds()).toMatchObject({ newest: 1, ended: true });
    await after.close();
  });

  it('keeps the head of a channel whose events are all gone', async () => {
    const spec = `sqlite:${join(folder, 'aged.db')}`;
    const o = options();
    const before = await openLog(spec, o);
    for (let i = 1; i <= 70; i++) await before.channel('a').append({ type: 't', data: `${i}` });
    await o.clock.pass(3_700_000);
    const bounds = before.channel('a').bounds();
    await before.close();
    const after = await openLog(spec, { ...options(), clock: o.clock });
    expect(after.channel('a').bounds()).toEqual({ ...bounds, floor: 70, newest: 70 });
    await after.close();
  });

  it('makes files that are for their owner alone', async () => {
    const file = join(folder, 'own.db');
    const log = await openLog(`sqlite:${file}`, options());
    await log.channel('a').append({ type: 't', data: '1' });
    for (const part of ['', '-wal']) expect(statSync(file + part).mode & 0o777).toBe(0o600);
    await log.close();
  });

  it('does not lose what was appended when the process ends without closing', async () => {
    const [file, left] = [join(folder, 'crash.db'), join(folder, 'left.db')];
    const before = await openLog(`sqlite:${file}`, options(1, 10));
    for (let i = 1; i <= 300; i++) await before.channel('a').append({ type: 't', data: `${i}` });
    const bounds = before.channel('a').bounds();
    for (const part of ['', '-wal']) copyFileSync(file + part, left + part);
    await before.close();
    const after = await openLog(`sqlite:${left}`, options(1, 10));
    expect(after.channel('a').bounds()).toEqual(bounds);
    await after.close();
  });

  it('refuses a file that another server has open, and takes it once that one is closed', async () => {
    const spec = `sqlite:${join(folder, 'shared.db')}`;
    const first = await openLog(spec, options(1));
    await first.channel('a').append({ type: 't', data: '1' });
    await expect(openLog(spec, options(2))).rejects.toThrow(
      expect.objectContaining({
        code: 'log-in-use',
        place: '--log',
        exit: 3,
        message: expect.stringContaining('shared.db is in use'),
      }),
    );
    await first.channel('a').append({ type: 't', data: '2' });
    await first.close();
    const second = await openLog(spec, options(2));
    expect(second.channel('a').bounds().newest).toBe(2);
    await second.close();
  });

  it('names two lives differently', async () => {
    const epochs = (await Promise.all([1, 2, 3].map((seed) => openLog('memory', options(seed))))).map(
      (log) => log.channel('a').bounds().epoch,
    );
    expect(new Set(epochs).size).toBe(3);
  });

  it.each(['', 'disk', 'sqlite:', 'sqlite', 'mem'])('refuses %j and names the flag', async (spec) => {
    await expect(openLog(spec, options())).rejects.toThrow(expect.objectContaining({ place: '--log', exit: 2 }));
  });

  it('reads where it is from a file or the environment, and repeats nothing of either', async () => {
    const file = join(folder, 'where');
    writeFileSync(file, `sqlite:${join(folder, 'elsewhere.db')}\n`);
    const log = await openLog(`@${file}`, options());
    expect(log.health().kind).toBe('sqlite');
    await log.close();
    process.env['HEARTLINE_TEST_LOG'] = 's3cret';
    const refused = openLog('env:HEARTLINE_TEST_LOG', options());
    await expect(refused).rejects.toMatchObject({
      exit: 2,
      message: 'What env:HEARTLINE_TEST_LOG holds is not a log.',
    });
    delete process.env['HEARTLINE_TEST_LOG'];
    await expect(openLog('env:HEARTLINE_TEST_LOG', options())).rejects.toMatchObject({ exit: 2, place: '--log' });
    await expect(openLog('@/no/such/file', options())).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/cannot be read/) as string,
    });
  });

  it.each([
    ['a folder that is not there', 'sqlite:/no/such/folder/x.db'],
    ['a file that is no database', 'garbage'],
  ])('says what is wrong with %s', async (_what, spec) => {
    if (spec === 'garbage') {
      const file = join(folder, 'garbage.db');
      writeFileSync(file, 'this is not a database, and longer than a header would be'.repeat(40));
      spec = `sqlite:${file}`;
    }
    await expect(openLog(spec, options())).rejects.toThrow(
      expect.objectContaining({ code: 'bad-log', place: '--log', exit: 3 }),
    );
  });
});
