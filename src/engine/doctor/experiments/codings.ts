import type { Experiment } from './experiment.ts';

/** The same stream once more, accepting what a browser accepts: does the coding delay it? */
export const codings: Experiment = {
  name: 'codings',
  methods: ['sse'],
  codes: ['compressed'],
  cost: () => ({ connections: 2 }),
  async run(x) {
    for (let i = 0; i < 2; i++) {
      const w = x.watch('with codings', { acceptEncoding: 'gzip, deflate, br' });
      if (!w) return;
      x.m.coded.push(w);
      const coded = (): boolean => (w.head?.fields['content-encoding'] ?? 'identity') !== 'identity';
      await w.until(() => w.head !== null, x.left());
      // not compressed at all: nothing is delayed by it
      if (w.head !== null && !coded()) return w.stop();
      await w.until(
        () =>
          decided(
            x.m.plain.flatMap((p) => p.events.map((e) => e.at)),
            w.openAt,
            x.clock.now(),
          ),
        x.left(),
      );
      if (w.end === null || x.left() <= 0) return w.stop();
    }
  },
};

/** So many events came to the others since it opened, and so long ago, that they should have come here too. */
const decided = (times: readonly number[], openAt: number | null, now: number): boolean =>
  openAt !== null &&
  new Set(times.filter((at) => at > openAt + 300 && at < now - 2500).map((at) => Math.round(at / 100))).size >= 6;
