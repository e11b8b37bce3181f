/** One engine with many lanes, without a page: what they hold, and how long its event loop keeps others waiting. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Lab } from '../../../src/engine/lab.ts';
import type { LaneSpec } from '../../../src/shared/run-config.ts';
import { answerOrders } from '../child.ts';

let lab: Lab | null = null;
let received = 0;
let open = 0;
const delay = monitorEventLoopDelay({ resolution: 1 });

answerOrders({
  async follow({ port, lanes }: { port: number; lanes: number }) {
    const specs = Array.from({ length: lanes }, (_, i): LaneSpec => {
      if (i % 10 < 5) return { method: 'sse', url: `http://127.0.0.1:${port}/s/${i}` };
      if (i % 10 < 9) return { method: 'websocket', url: `ws://127.0.0.1:${port}/w/${i}` };
      return { method: 'short-polling', url: `http://127.0.0.1:${port}/p/${i}` };
    });
    lab = new Lab({
      host: 'cli',
      version: '0',
      dataDir: null,
      direct: true,
      wire: false,
      config: {
        target: {
          kind: 'remote',
          name: 'mixed',
          base: null,
          urls: {},
          channel: 'x',
          headers: { 'X-Team': 'bench' },
          dialect: 'plain',
          auth: { type: 'bearer', token: 'a-token-of-the-bench' },
          proxy: 'none',
        },
        lanes: specs,
        pollMs: 5000,
      },
    });
    lab.listen((o) => {
      if (o.type === 'event') received++;
      if (o.type === 'state' && o.to === 'open' && o.from === 'connecting') open++;
    });
    await lab.start();
    return {};
  },
  open: () => open,
  begin() {
    delay.reset();
    delay.enable();
    received = 0;
    return {};
  },
  end: () => {
    delay.disable();
    return { received, lagMs: delay.percentile(99) / 1e6 - 1 };
  },
});
