/** Whatever a person and a network do, in any order: no throw, one connection at a time, only allowed passages. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endedSignal } from '../../../../src/engine/client/connection/ended.ts';
import { SignalQueue } from '../../../../src/engine/client/connection/signal-queue.ts';
import { canTransition } from '../../../../src/engine/client/lane/states.ts';
import type { Signal } from '../../../../src/engine/client/connection/signal.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';
import { watchedLane } from '../../../helpers/lane.ts';

const says: Record<string, Signal> = {
  open: { kind: 'open' },
  event: { kind: 'event', id: 'abcd.7', type: 't', time: null, data: '', bytes: 1 },
  phase: { kind: 'phase', phase: 'held', until: 1 },
  gap: { kind: 'gap', from: 'abcd.1', to: 'abcd.5', missed: 4, reason: 'trimmed' },
  caughtUp: { kind: 'caught-up', cursor: 'abcd.7' },
  fin: endedSignal('fin'),
  bye: endedSignal('clean-end', { announced: true, retryMs: 500 }),
  final: endedSignal('status:404', { final: true, why: 'refused-by-server' }),
};
const does = ['start', 'stop', 'retryNow', 'sleep', 'doze', 'wake', 'offline', 'online'] as const;

const step = fc.oneof(
  fc.constantFrom(...does).map((what) => ({ what })),
  fc.constantFrom(...Object.keys(says)).map((say) => ({ say })),
  fc.constantFrom(1, 100, 1000, 60_000).map((pass) => ({ pass })),
);

it('holds together', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const clock = new FakeClock();
      let live = 0;
      let newest = null as SignalQueue | null;
      const { lane, all } = watchedLane({
        method: 'sse',
        url: 'http://x.test/',
        clock,
        connect(ctx) {
          live++;
          expect(live, 'connections at a time').toBe(1);
          const outbox: SignalQueue = new SignalQueue(() => live--);
          newest = outbox;
          ctx.signal.addEventListener('abort', () => outbox.close(), { once: true });
          return outbox;
        },
      });
      for (const s of steps) {
        if ('pass' in s) await clock.pass(s.pass);
        else if ('say' in s) newest?.push(says[s.say]!);
        else if (s.what === 'sleep') lane.sleep(5000, 'fire');
        else if (s.what === 'doze') lane.sleep(500, 'resume');
        else if (s.what === 'offline' || s.what === 'online') lane.setOffline(s.what === 'offline');
        else lane[s.what]();
        if (!('pass' in s) && s !== steps.at(-1)) await Promise.resolve();
      }
      await clock.pass(100_000);
      const states = all('state');
      for (const [i, s] of states.entries()) {
        expect(canTransition(s.from, s.to), `${s.from} → ${s.to}`).toBe(true);
        if (i > 0) expect(s.from).toBe(states[i - 1]!.to);
      }
      expect(all('notice').filter((n) => n.code === 'lane-error')).toEqual([]);
      lane.wake();
      lane.stop();
      await clock.pass(0);
      expect(live).toBe(0);
      expect(clock.next(), 'timers left behind').toBeNull();
    }),
    {
      numRuns: 300,
      // asleep in the very breath in which its connection ends
      examples: [1, 2, 3, 4, 5].map((n) => [
        [{ what: 'start' }, { say: 'final' }, ...Array(n).fill({ say: 'open' }), { what: 'doze' }, { pass: 1 }],
      ]),
    },
  );
});
