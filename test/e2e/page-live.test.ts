/** What a newcomer does with the Live view, done through the page alone, and what it then says. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METHODS } from '../../src/shared/catalog.ts';
import { eventServer } from '../helpers/event-server.ts';
import { freePort } from '../helpers/rigs.ts';
import { openThePage, pageMissing, type ThePage } from './the-page.ts';

/** The methods that wait on an open connection, and what the drawer calls them. */
const HELD = { 'long-polling': 'Long poll', sse: 'SSE', websocket: 'WebSocket' } as const;
const HELD_IDS = Object.keys(HELD) as (keyof typeof HELD)[];

describe.skipIf(pageMissing)(`the Live view${pageMissing ? ` (skipped: ${pageMissing})` : ''}`, () => {
  let t: ThePage;
  const here: { close(): Promise<unknown> }[] = [];

  beforeAll(async () => {
    t = await openThePage({
      workload: { name: 'notifications', rate: null, size: null, burst: null },
      timeScale: 10,
      seed: 11,
    });
  });
  afterAll(async () => {
    await t?.close();
    for (const server of here) await server.close();
  });

  const drops = (lane: string): Promise<number> => t.number(lane, 'drops');
  const allStates = (): Promise<string[]> => Promise.all(METHODS.map((m) => t.state(m)));
  const running = async (): Promise<void> => {
    for (const word of await allStates()) expect(['Open', 'Held', 'Asking', 'Resting']).toContain(word);
  };
  const missed = (lane: string): Promise<string> => t.text(lane, 'missed');
  /** Ledger rows written since there were `before`. */
  const since = async (before: number, lane?: string) => {
    const all = await t.ledger();
    return all.slice(0, all.length - before).filter((row) => lane === undefined || row.lane === lane);
  };
  const choose = async (field: string): Promise<void> => {
    await t.by(field).click();
    await t.by(`${field}-form`).waitFor();
  };
  /** Sets the heartbeat and waits until the form is gone: keys are orders again only then. */
  const heartbeat = async (choice: string, reads: string): Promise<void> => {
    await choose('heartbeat');
    await t.by(`heartbeat-${choice}`).click();
    await t.by('heartbeat-form').waitFor({ state: 'hidden' });
    await t.until(async () => expect(await t.by('heartbeat').textContent()).toContain(reads));
  };

  /** Finds a command in the palette by what is typed, and runs it with Enter. */
  const command = async (words: string): Promise<void> => {
    const palette = t.by('palette-dialog');
    await t.page.keyboard.press('Control+k');
    await palette.locator('input:focus').waitFor(); // what is typed before goes nowhere
    await t.page.keyboard.type(words);
    await t.until(async () => {
      expect(await palette.getByRole('option', { selected: true }).textContent()).toMatch(new RegExp(words, 'i'));
    });
    await t.page.keyboard.press('Enter');
    await palette.waitFor({ state: 'hidden' });
  };

  it('begins with four lanes that move, and says what to try', async () => {
    for (const method of METHODS) await t.by(`lane-${method}`).waitFor();
    expect(await t.by('coach').textContent()).toMatch(/path.*sleep.*cut/i);
    await t.until(async () => {
      for (const m of METHODS) {
        expect(await t.number(m, 'received'), m).toBeGreaterThanOrEqual(3);
        expect(await t.text(m, 'cursor'), m).toMatch(/^[0-9a-z]{4,}\.\d+$/);
      }
      expect(await t.by('event-row').count()).toBeGreaterThan(4);
    });
    const begun = await Promise.all(METHODS.map((m) => t.number(m, 'received')));
    await t.until(async () => {
      for (const [i, m] of METHODS.entries()) expect(await t.number(m, 'received'), m).toBeGreaterThan(begun[i]!);
    });
  });

  it('on an impatient path whoever waits in silence is dropped, with its evidence in words, and short polling is not', async () => {
    await choose('path');
    await t.by('path-search').fill('impat');
    await t.by('preset-impatient-proxy').click();
    expect(await t.by('preset-what').textContent()).toContain('silent for 10 s');
    expect(await t.by('path').textContent()).toContain('Direct'); // looked at, not laid
    await t.by('use-path').click();
    await t.by('path-form').waitFor({ state: 'hidden' });
    await t.until(async () => expect(await t.by('path').textContent()).toContain('Impatient proxy'));
    await t.by('coach').waitFor({ state: 'detached' });

    await t.until(async () => {
      for (const lane of HELD_IDS) expect(await drops(lane), lane).toBeGreaterThanOrEqual(1);
    }, 60_000);
    // the limit is 10 s; how much later the end is seen is the machine's affair
    const evidence = { 'long-polling': /^FIN · held [1-9]\d\.\d s$/, sse: /^FIN · idle [1-9]\d\.\d s$/, websocket: /^FIN · idle [1-9]\d\.\d s$/ }; // prettier-ignore
    await t.until(async () => {
      for (const lane of HELD_IDS) {
        const ends = (await t.ledger(HELD[lane])).map((row) => row.endedBy);
        expect(ends, lane).toContainEqual(expect.stringMatching(evidence[lane]));
      }
    });
    // the mark tells the whole fact, to the keyboard too
    await t.of('sse', 'ribbon').focus();
    await t.until(async () => {
      await t.page.keyboard.press('ArrowLeft');
      const tip = (await t.by('tip').textContent()) ?? '';
      expect(tip).toMatch(/Drop.*closed with a FIN.*the path ends what has been silent for so long/);
    }, 60_000);
    await t.page.keyboard.press('Escape');
    expect(await drops('short-polling')).toBe(0);
    await t.page.getByText(/Short polling has no connection to lose: .* none failed/).waitFor();
    // come back from where they were, nothing missed
    await t.until(async () => {
      for (const lane of HELD_IDS) {
        const row = (await t.ledger(HELD[lane])).at(-1)!;
        expect(row.sent, lane).toMatch(/\.\d+$/);
        expect(row.missed, lane).toBe('0');
      }
    });
  });

  it('a heartbeat every 5 s cures it', async () => {
    await heartbeat('5000', 'every 5 s');
    await t.pass(25_000); // a poll that was held before may still be ended
    await t.until(running);
    const before = await Promise.all(METHODS.map(drops));
    await t.pass(60_000);
    expect(await Promise.all(METHODS.map(drops))).toEqual(before);
    for (const m of METHODS) expect(await missed(m), m).toBe('0 missed');
    // a silence that had begun before the first beat counts too
    for (const lane of ['sse', 'websocket'])
      expect(await t.text(lane, 'headroom')).toMatch(/([4-9]\.\d|10\.0) of 10 s/);
  });

  it('clients put to sleep come back from their cursors with nothing missed', async () => {
    await t.until(running);
    await heartbeat('off', 'off'); // without a heartbeat the path ends what sleeps
    const before = (await t.ledger()).length;
    await t.by('sleep-menu').click();
    await t.page.getByRole('menuitem', { name: 'Sleep 60 s' }).click();
    await t.until(async () => {
      expect(await allStates()).toEqual(METHODS.map(() => 'Asleep'));
      expect(await t.by('sleep').textContent()).toContain('Wake');
      expect(await t.text('sse', 'countdown')).toMatch(/^\d+\.\d s$/);
    });
    await t.until(async () => {
      for (const lane of ['sse', 'websocket'] as const) {
        const slept = (await since(before, HELD[lane])).find((row) => /^slept [6-9]\d\.\d s/.test(row.endedBy));
        expect(slept, `${lane} ${JSON.stringify((await since(before)).slice(-3))}`).toMatchObject({
          sent: expect.stringMatching(/\.\d+$/),
          missed: '0',
        });
      }
    });
    await heartbeat('5000', 'every 5 s');
    await t.until(running);
    await t.until(async () => {
      expect(await Promise.all(METHODS.map((m) => t.text(m, 'distance')))).toEqual(METHODS.map(() => 'at head'));
    });
    // the key does what the button does; a woken client is awake at once
    await t.page.keyboard.press('s');
    await t.until(async () => {
      expect(await t.state('sse')).toBe('Asleep');
      expect(await t.by('sleep').textContent()).toContain('Wake'); // until then the key would send them to sleep again
    });
    await t.page.keyboard.press('s');
    await t.until(running);
    for (const m of METHODS) expect(await missed(m), m).toBe('0 missed');
  });

  it('cut all: everyone is reset and resumes', async () => {
    const before = (await t.ledger()).length;
    await t.page.keyboard.press('x');
    await t.until(async () => {
      for (const lane of HELD_IDS) {
        const row = (await since(before, HELD[lane])).find((r) => r.endedBy === 'RST · cut');
        expect(row, lane).toMatchObject({ sent: expect.stringMatching(/\.\d+$/), missed: '0' });
      }
    });
    await t.until(running);
  });

  it('offline and online again: nothing missed', async () => {
    const before = (await t.ledger()).length;
    await t.page.keyboard.press('o');
    await t.until(async () => {
      expect(await t.by('offline').getAttribute('aria-pressed')).toBe('true');
      expect(await t.by('offline').textContent()).toContain('Online');
    });
    await t.pass(60_000); // long enough for silence to be noticed
    await t.page.keyboard.press('o');
    await t.until(running);
    await t.until(async () => {
      const rows = await since(before);
      expect(rows.length).toBeGreaterThanOrEqual(2);
      for (const row of rows) expect(row, JSON.stringify(rows)).toMatchObject({ missed: '0' });
    });
    await t.until(async () => {
      const at = await Promise.all(METHODS.map((m) => t.text(m, 'distance')));
      expect(at).toEqual(METHODS.map(() => 'at head'));
    });
  });

  it('a restarted server says goodbye: everyone comes back, and no stream was dropped', async () => {
    const streams = ['sse', 'websocket'] as const; // a poll may ask just while nobody listens, and is refused
    const dropped = await Promise.all(streams.map(drops));
    const before = (await t.ledger()).length;
    await t.page.keyboard.press('r');
    await t.until(async () => {
      for (const lane of streams) {
        const [row] = await since(before, HELD[lane]);
        expect(row, lane).toMatchObject({ endedBy: 'an announced end', missed: '0' });
      }
    });
    await t.until(running);
    expect(await Promise.all(streams.map(drops))).toEqual(dropped);
    for (const m of METHODS) expect(await missed(m), m).toBe('0 missed');
  });

  it('when the log is lost, what was missed cannot be known', async () => {
    const epoch = (await t.text('sse', 'cursor')).split('.')[0];
    await t.by('restart-menu').click();
    await t.by('lose-log').click();
    await t.until(async () => {
      for (const m of METHODS) {
        expect(await missed(m), m).toBe('cannot know');
        expect((await t.text(m, 'cursor')).split('.')[0], m).not.toBe(epoch);
      }
    });
    await t.until(async () => {
      const rows = (await t.ledger()).filter((row) => row.endedBy === 'log lost · another epoch');
      expect(rows.length).toBeGreaterThanOrEqual(1);
      for (const row of rows) expect(row.missed).toBe('cannot know');
    });
    await t.by('filter-text').fill('another epoch');
    await t.until(async () => {
      const row = await t.by('event-row').first().textContent();
      expect(row).toContain('missed: cannot know · another epoch');
    });
    await t.by('filter-text').fill('');
    // and stays so when it comes back once more
    const before = (await t.ledger()).length;
    await t.page.locator('body').click({ position: { x: 2, y: 2 } });
    await t.page.keyboard.press('x');
    await t.until(async () => {
      for (const lane of HELD_IDS) {
        const row = (await since(before, HELD[lane])).find((r) => r.endedBy === 'RST · cut');
        expect(row, lane).toMatchObject({ missed: '0' });
      }
    });
    expect(await missed('sse')).toBe('cannot know');
  });

  it('keys typed into a field are text, not orders', async () => {
    const states = await t.by('filter-text').evaluate((el) => (el as HTMLInputElement).value);
    expect(states).toBe('');
    const ordered = async (): Promise<number> =>
      (await t.ledger()).filter((row) => /cut|announced|slept|offline/.test(row.endedBy)).length;
    const before = await ordered();
    const theme = await t.page.locator('html').getAttribute('data-theme');
    await t.by('filter-text').click();
    await t.page.keyboard.type('sox rt');
    expect(await t.by('filter-text').inputValue()).toBe('sox rt');
    await t.pass(3000);
    expect(await t.by('offline').getAttribute('aria-pressed')).toBe('false');
    expect(await t.state('sse')).not.toBe('Asleep');
    expect(await ordered()).toBe(before);
    expect(await t.page.locator('html').getAttribute('data-theme')).toBe(theme);
    await t.by('filter-text').fill('');
    await t.page.locator('body').click({ position: { x: 2, y: 2 } });
  });

  it('the palette finds a command and runs it', async () => {
    await command('last 15');
    await command('freeze');
    await t.by('frozen').waitFor();
    await t.by('frozen').click();
    await t.by('frozen').waitFor({ state: 'hidden' });
  });

  it('in a small window every lane is whole, what was lost stays in sight, and the rest shows on hover', async () => {
    const size = t.page.viewportSize()!;
    await t.page.setViewportSize({ width: 900, height: 700 });
    await t.until(async () => {
      const drawer = (await t.by('filter-text').boundingBox())!;
      for (const m of METHODS) {
        const row = (await t.by(`lane-${m}`).boundingBox())!;
        expect(row.y + row.height, m).toBeLessThanOrEqual(drawer.y);
        const lost = (await t.of(m, 'missed-brief').boundingBox())!;
        expect(lost.y + lost.height, m).toBeLessThanOrEqual(row.y + row.height);
        expect(await t.text(m, 'missed-brief')).toMatch(/missed/);
      }
    });
    await t.of('sse', 'headroom').waitFor({ state: 'hidden' });
    await t.by('lane-sse').hover();
    await t.of('sse', 'headroom').waitFor();
    expect(await t.of('sse', 'cursor').isVisible()).toBe(true);
    await t.page.setViewportSize(size);
  });

  it('a recording is seen to grow, until it is stopped', async () => {
    await t.by('record').click();
    await t.until(async () => expect(await t.by('status').textContent()).toMatch(/recording [1-9]/));
    const size = async () => /recording (.*?B)/.exec((await t.by('status').textContent()) ?? '')?.[1];
    const first = await size();
    await t.until(async () => expect(await size()).not.toBe(first));
    await t.by('record').click();
    await t.until(async () => {
      expect(await t.by('status').textContent()).not.toContain('recording');
      expect(await t.by('record').textContent()).toContain('Off');
    });
    // and where it is
    expect(await t.by('recorded').textContent()).toMatch(/Recorded .*B.*\.heartline.*Copy path/);
    await t.by('recorded').getByRole('button', { name: 'Dismiss' }).click();
    await t.by('recorded').waitFor({ state: 'hidden' });
  });

  it('the theme is what was chosen, after a reload too', async () => {
    const theme = (): Promise<string | null> => t.page.locator('html').getAttribute('data-theme');
    expect(await theme()).toBe('dark');
    await t.by('theme').click();
    await t.until(async () => expect(await theme()).toBe('light'));
    await t.page.reload();
    await t.by('lane-sse').waitFor();
    expect(await theme()).toBe('light');
  });

  describe('another target', () => {
    const form = (testId: string) => t.by('target-form').getByTestId(testId);
    const add = async (): Promise<void> => {
      await choose('target');
      await t.by('target-add').click();
    };

    it('a malformed URL is refused in place, and what was typed is kept', async () => {
      await add();
      await form('target-name').fill('mine');
      await form('target-base').fill('htp:/nowhere');
      await form('target-channel').fill('demo');
      await form('use-target').click();
      const problem = form('problem-base');
      await problem.waitFor();
      expect(await problem.textContent()).toMatch(/http/);
      expect(await form('target-base').getAttribute('aria-invalid')).toBe('true');
      expect(await form('target-base').inputValue()).toBe('htp:/nowhere');
      expect(await form('target-channel').inputValue()).toBe('demo');
      await t.until(running); // the run goes on as it was
      await t.page.keyboard.press('Escape');
      await t.by('target-form').waitFor({ state: 'hidden' });
      await choose('target');
      await form('target-add').waitFor();
    });

    it('lanes whose server is not there say so, each for itself, while the others live on', async () => {
      const real = await eventServer();
      const broken: Server = createServer((_req, res) => res.writeHead(404).end('no such thing'));
      await once(broken.listen(0, '127.0.0.1'), 'listening');
      here.push({ close: () => Promise.all([real.server.close(), new Promise((r) => broken.close(r))]) });
      const nobody = await freePort();
      const [status404] = [(broken.address() as AddressInfo).port];
      await t.by('target-add').click();
      await form('target-name').fill('half there');
      await form('target-by-urls').click();
      await form('target-url-short-polling').fill(`${real.url}/events/demo`);
      await form('target-url-long-polling').fill(`http://127.0.0.1:${status404}/events/demo`);
      await form('target-url-sse').fill(`http://127.0.0.1:${nobody}/events/demo`);
      await form('target-url-websocket').fill(`${real.url.replace('http', 'ws')}/events/demo`);
      await form('use-target').click();
      await t.by('target-form').waitFor({ state: 'hidden' });
      await t.until(async () => expect(await t.by('target').textContent()).toContain('half there'));
      await t.until(async () => {
        expect(await t.state('long-polling')).toBe('Failed');
        expect(await t.text('long-polling', 'lane-message')).toContain('404');
        expect(['Waiting', 'Connecting', 'Dropped']).toContain(await t.state('sse'));
        // nothing was lost that had stood: it failed to connect, which is no drop
        expect(await t.number('sse', 'failed-attempts')).toBeGreaterThanOrEqual(1);
        expect(await drops('sse')).toBe(0);
        expect(await t.text('sse', 'missed')).toBe('–');
        expect((await t.ledger('SSE'))[0]?.endedBy).toMatch(/refused|unreachable/);
        expect(await t.text('sse', 'lane-message')).toMatch(/path cannot reach .*Edit endpoint.*Retry now/);
      });
      // who has not been answered yet does not know from where on it follows
      await t.until(async () => {
        expect(await t.state('websocket')).toBe('Open');
        for (const lane of ['short-polling', 'websocket']) expect(await t.text(lane, 'cursor'), lane).toBe(real.head());
      });
      void real.publish('one more');
      await t.until(async () => {
        for (const lane of ['short-polling', 'websocket']) expect(await t.number(lane, 'received'), lane).toBe(1);
      });
      // and without a path between: what the client itself sees
      await command('path: direct');
      await t.until(async () => {
        const retry = t.of('sse', 'lane-message').getByRole('button', { name: 'Retry now' });
        await retry.click({ timeout: 500 }).catch(() => {}); // it can be pressed between two tries only
        expect(await t.text('sse', 'lane-message')).toContain(`Nothing listens at 127.0.0.1:${nobody}`);
      });
    });

    it('another real server, by its base URL: the same four lanes, its events', async () => {
      const other = await eventServer({ heartbeatMs: 15_000 });
      here.push({ close: () => other.server.close() });
      await add();
      await form('target-name').fill('other');
      await form('target-by-base').click();
      await form('target-base').fill(other.url);
      await form('target-channel').fill('demo');
      await form('use-target').click();
      await t.by('target-form').waitFor({ state: 'hidden' });
      await t.until(async () => {
        await running();
        for (const m of METHODS) expect(await t.text(m, 'cursor'), m).toBe(other.head());
      });
      for (let i = 0; i < 5; i++) void other.publish(`event ${i}`);
      await t.until(async () => {
        for (const m of METHODS) {
          expect(await t.number(m, 'received'), m).toBe(5);
          expect(await t.text(m, 'cursor'), m).toBe(other.head());
          expect(await missed(m), m).toBe('0 missed');
        }
      });
      expect(await t.by('status').textContent()).toContain(new URL(other.url).host);
      // what it names is kept for the next time
      await t.page.reload();
      await t.by('lane-sse').waitFor();
      await choose('target');
      expect(await t.by('target-form').textContent()).toContain('half there');
      await t.by('target-embedded').click();
      await form('use-target').click();
      await t.by('target-form').waitFor({ state: 'hidden' });
      await t.until(async () => expect(await t.by('target').textContent()).toContain('Embedded server'));
      await t.until(running);
    });
  });

  it('when the engine goes away the page says so and keeps its last moment; when it is back, so is the page', async () => {
    await t.until(async () => expect(await t.number('sse', 'received')).toBeGreaterThanOrEqual(3));
    const had = await t.number('sse', 'received');
    const inTheLab = (): number => t.lab.summary()['sse']!.received ?? 0;
    await t.hostGone();
    const before = inTheLab();
    await t.by('engine-lost').waitFor();
    expect(await t.by('engine-lost').textContent()).toMatch(/lost.*last moment/);
    await t.until(async () => expect(await t.by('cut-all').isDisabled()).toBe(true));
    // the lab goes on, and the page does not hear of it
    await t.until(async () => expect(inTheLab()).toBeGreaterThan(before));
    const last = await t.number('sse', 'received');
    expect(last).toBeGreaterThanOrEqual(had);
    expect(last).toBeLessThanOrEqual(before);
    // its new address, opened as its owner would, lets the page that waits in again as well
    const again = await t.page.context().newPage();
    await again.goto(await t.hostBack());
    await t.by('engine-lost').waitFor({ state: 'hidden' });
    await again.close();
    await t.until(running);
    await t.until(async () => expect(await t.number('sse', 'received')).toBeGreaterThan(before));
    await t.until(async () => expect(await t.by('cut-all').isEnabled()).toBe(true));
  });

  it('nothing was refused by the policy and nothing went wrong in all of this', () => {
    expect(t.complaints).toEqual([]);
  });
});
