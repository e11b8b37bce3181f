/** The built page in a real browser over a lab in this process: what a person sees of a run, and what they do to it. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Locator, type Page } from 'playwright-core';
import { vi } from 'vitest';
import { startBrowserHost, type BrowserHost } from '../../src/cli/host/browser-host.ts';
import { Lab } from '../../src/engine/lab.ts';
import type { RunConfig } from '../../src/shared/run-config.ts';
import { labClock } from '../helpers/steady-clock.ts';

const RENDERER = join(import.meta.dirname, '../../out/renderer');
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why the page cannot be tried here; null when it can. */
export const pageMissing = !existsSync(CHROMIUM)
  ? `no Chromium at ${CHROMIUM} (apt-get install chromium, or set CHROMIUM)`
  : !existsSync(join(RENDERER, 'index.html'))
    ? 'the page is not built (npm run build)'
    : null;

/** A row of the cursor ledger, as it reads. */
export interface LedgerRow {
  at: string;
  lane: string;
  endedBy: string;
  sent: string;
  first: string;
  missed: string;
  repeated: string;
}

export interface ThePage {
  lab: Lab;
  page: Page;
  /** Console errors, uncaught errors and refusals of the policy, but for the engine that does not answer. */
  complaints: string[];
  by(testId: string): Locator;
  /** Something within one lane's row. */
  of(lane: string, testId: string): Locator;
  /** The state pill's word of one lane. */
  state(lane: string): Promise<string>;
  /** The number a lane's part begins with (or carries): `drops`, `received`, `missed`. */
  number(lane: string, testId: string): Promise<number>;
  text(lane: string, testId: string): Promise<string>;
  /** Newest first. */
  ledger(lane?: string): Promise<LedgerRow[]>;
  /** Looks until it holds. */
  until(holds: () => Promise<void>, withinMs?: number): Promise<void>;
  /** Lets engine time pass. */
  pass(engineMs: number): Promise<void>;
  /** Ends the host; the lab lives on. */
  hostGone(): Promise<void>;
  /** Opens the door again at the same port. @returns its new address */
  hostBack(): Promise<string>;
  close(): Promise<void>;
}

/** What a browser says by itself of a door that is shut; the page cannot keep it from that. */
const SHUT = /WebSocket connection to '[^']*\/rpc' failed/;

export async function openThePage(config: Partial<RunConfig>): Promise<ThePage> {
  const dir = mkdtempSync(join(tmpdir(), 'heartline-page-'));
  const lab = new Lab({ host: 'browser', version: 'test', dataDir: dir, config, clock: labClock });
  await lab.start();
  const listener = (port: number): Promise<BrowserHost> =>
    startBrowserHost({ engine: lab, rendererDir: RENDERER, port, eventServerUrl: () => lab.serverUrl });
  let host = await listener(0);
  const port = Number(new URL(host.origin).port);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    timeout: 90_000,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: 'dark' });
  context.setDefaultTimeout(60_000);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (m) => m.type() === 'error' && !SHUT.test(m.text()) && complaints.push(m.text()));
  page.on('pageerror', (e) => complaints.push(e.message));
  await page.exposeFunction('refusedByPolicy', (what: string) => void complaints.push(what));
  await page.addInitScript(() =>
    document.addEventListener('securitypolicyviolation', (e) =>
      (window as unknown as { refusedByPolicy(what: string): void }).refusedByPolicy(
        `${e.violatedDirective} refused ${e.blockedURI}`,
      ),
    ),
  );
  await page.goto(host.url);

  const by = (testId: string): Locator => page.getByTestId(testId);
  const of = (lane: string, testId: string): Locator => by(`lane-${lane}`).getByTestId(testId);
  const text = async (lane: string, testId: string): Promise<string> =>
    ((await of(lane, testId).textContent()) ?? '').trim();

  return {
    lab,
    page,
    complaints,
    by,
    of,
    text,
    state: (lane) => text(lane, 'state'),
    number: async (lane, testId) => Number.parseFloat((await text(lane, testId)).replaceAll(',', '')),
    ledger: async (lane) => {
      const rows = await by('ledger-row').evaluateAll((all) =>
        all.map((row) => [...row.querySelectorAll('td')].map((cell) => (cell.textContent ?? '').trim())),
      );
      return rows
        .map(([at = '', name = '', endedBy = '', sent = '', first = '', missed = '', repeated = '']) => {
          return { at, lane: name, endedBy, sent, first, missed, repeated };
        })
        .filter((row) => lane === undefined || row.lane === lane);
    },
    until: (holds, withinMs = 60_000) => vi.waitFor(holds, { timeout: withinMs, interval: 50 }),
    async pass(engineMs) {
      const begin = lab.snapshot().now;
      await vi.waitFor(
        () => {
          if (lab.snapshot().now < begin + engineMs) throw new Error('not yet');
        },
        { timeout: 150_000, interval: 20 },
      );
    },
    hostGone: () => host.close(),
    async hostBack() {
      host = await listener(port);
      return host.url;
    },
    async close() {
      await browser.close();
      await host.close();
      await lab.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
