/** The browser host over a real lab whose journal is flooded with made-up facts, all recorded and all fed to the page. */
import { createReadStream, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startBrowserHost } from '../../../src/cli/host/browser-host.ts';
import { realClock } from '../../../src/engine/time/clock.ts';
import { Lab } from '../../../src/engine/lab.ts';
import { RecordingWriter } from '../../../src/engine/recording/writer.ts';
import type { EngineApi, LabSnapshot } from '../../../src/shared/api.ts';
import { METHODS } from '../../../src/shared/catalog.ts';
import type { Fact, Observation } from '../../../src/shared/observation.ts';
import { answerOrders } from '../child.ts';

const KEEP = 8000;
const TICK_MS = 10;
const DATA = JSON.stringify({ symbol: 'ACME', price: 101.25, size: 300, side: 'buy', note: 'x'.repeat(40) });

const lab = new Lab({
  host: 'browser',
  version: 'bench',
  dataDir: null,
  config: { workload: { name: 'none', rate: null, size: null, burst: null } },
});
const listeners = new Set<(o: Observation) => void>();
const recent: Observation[] = [];
const file = join(tmpdir(), `heartline-bench-${process.pid}.heartline`);
const recorder = new RecordingWriter({ file, clock: realClock() });
let n = 0;

function emit(o: Omit<Observation, 'n'>): void {
  const observation = { ...o, n: ++n } as Observation;
  recent.push(observation);
  if (recent.length > 2 * KEEP) recent.splice(0, KEEP);
  recorder.write(observation);
  for (const listener of listeners) listener(observation);
}

/** One published event as a busy run tells it: the publish, its arrival on every lane, and now and then a poll or a beat. */
function* facts(seq: number): Generator<[string | null, Fact]> {
  const cursor = `bench.${seq}`;
  yield [null, { type: 'publish', cursor, event: 'tick', bytes: DATA.length }];
  for (const [i, lane] of METHODS.entries()) {
    if (seq % 10 === 0 && i < 2) {
      yield [lane, { type: 'request', id: seq, method: 'GET', url: `/events/demo?after=${cursor}`, cursor }];
      yield [lane, { type: 'response', id: seq, status: 200, bytes: 900, took: 4, empty: false }];
    }
    const latency = 1 + (seq % 17);
    yield [
      lane,
      { type: 'event', cursor, id: cursor, event: 'tick', bytes: DATA.length, latency, duplicate: false, data: DATA },
    ];
    if (seq % 50 === 0) yield [lane, { type: 'heartbeat', kind: 'comment', dir: 'in' }];
    if (seq % 4000 === 0) {
      yield [lane, { type: 'drop', evidence: 'fin', cause: 'cut', by: 'path', silence: 12, detected: 1 }];
      yield [lane, { type: 'state', from: 'open', to: 'dropped', reason: 'dropped', evidence: 'fin' }];
      yield [lane, { type: 'state', from: 'dropped', to: 'connecting', reason: 'back-off' }];
      yield [lane, { type: 'state', from: 'connecting', to: 'open', reason: 'connected' }];
    }
  }
}

function flood(perSecond: number, forMs: number): Promise<number> {
  return new Promise((resolve) => {
    const begin = performance.now();
    const before = n;
    let seq = 0;
    const timer = setInterval(() => {
      const now = performance.now();
      const due = (Math.min(now - begin, forMs) / 1000) * perSecond;
      while (n - before < due) {
        seq++;
        for (const [lane, fact] of facts(seq)) emit({ v: 1, at: Date.now(), lane, ...fact } as Omit<Observation, 'n'>);
      }
      if (now - begin < forMs) return;
      clearInterval(timer);
      resolve(n - before);
    }, TICK_MS);
  });
}

/** The lab as it is, but for what it tells. */
const engine = new Proxy(lab, {
  get(_target, name) {
    if (name === 'listen') {
      return (fn: (o: Observation) => void) => {
        listeners.add(fn);
        return () => listeners.delete(fn);
      };
    }
    if (name === 'snapshot') {
      return (): LabSnapshot => ({
        ...lab.snapshot(),
        n,
        recent: recent.slice(-KEEP),
        forgotten: Math.max(0, n - KEEP),
      });
    }
    const value = Reflect.get(lab, name) as unknown;
    return typeof value === 'function' ? (value as (...a: unknown[]) => unknown).bind(lab) : value;
  },
}) as EngineApi & Pick<Lab, 'listen' | 'snapshot'>;

answerOrders({
  async listen() {
    await recorder.open([]);
    lab.listen((o) => emit(o));
    await lab.start();
    const rendererDir = fileURLToPath(new URL('../../../out/renderer', import.meta.url));
    const host = await startBrowserHost({ engine, rendererDir, port: 0, eventServerUrl: lab.serverUrl ?? '' });
    return { url: host.url };
  },
  /** Resolves when the flood is over, with how many facts there were. */
  flood: async (o: { perSecond: number; forMs: number }) => ({ count: await flood(o.perSecond, o.forMs) }),
  /** Ends the recording and counts what is in it: whole lines, numbered densely. */
  async closeRecording() {
    const noted = n; // the lab goes on noting; the recording ends here
    await recorder.close();
    let lines = 0;
    let dense = true;
    for await (const line of createInterface({ input: createReadStream(file) })) {
      lines++;
      if ((JSON.parse(line) as Observation).n !== lines) dense = false;
    }
    rmSync(file, { force: true });
    return { lines, noted, dense };
  },
});
