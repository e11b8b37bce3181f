/** What befalls a cluster, by seed, and whether its promises held. */
import type { Random } from '../../src/shared/random.ts';
import { eventually, pause, Follower, Publisher, type Cluster } from './cluster.ts';

const DEEDS = ['kill', 'deploy', 'flush', 'fail-over', 'kill', 'restart-redis', 'kill-two'] as const;

export interface Outcome {
  seed: number;
  deeds: string[];
  acknowledged: number;
  received: number;
  gaps: number;
  reconnects: number;
  /** Empty: every loss was told. */
  wrong: string[];
}

/** One or two deeds while events are published on two processes at once and followed by many. */
export async function playSchedule(cluster: Cluster, seed: number, random: Random, streams: number): Promise<Outcome> {
  const channel = `${cluster.url}/events/s${seed}`;
  const publishers = [new Publisher(channel, `a${seed}`), new Publisher(channel, `b${seed}`)];
  const followers = Array.from({ length: streams }, (_, i) => new Follower(channel, random.fork(`follower ${i}`)));
  const deeds: string[] = [];
  try {
    for (const follower of followers) follower.start();
    await eventually('all streams to open', () => followers.every(({ opened }) => opened > 0));
    for (const publisher of publishers) publisher.start(10 + 20 * random.next());
    const count = random.int(1, 2);
    for (let i = 0; i < count; i++) {
      await pause(100 + 400 * random.next());
      const deed = DEEDS[random.int(0, DEEDS.length - 1)]!;
      const server = random.int(0, cluster.size - 1);
      deeds.push(`${deed} ${server}`);
      await befall(cluster, deed, server, random);
    }
    await pause(200 + 300 * random.next());
    for (const publisher of publishers) await publisher.stop();
    // a last one, which everybody has to reach
    const last = new Publisher(channel, `last${seed}`);
    await last.publish();
    const end = [...last.acknowledged.keys()].at(-1);
    const wrong = end === undefined ? ['nothing could be published in the end'] : [];
    await eventually('all streams to reach the end', () => followers.every(({ cursor }) => cursor === end)).catch(
      () => {
        const late = followers.filter(({ cursor }) => cursor !== end);
        wrong.push(`${late.length} streams did not reach ${end}; one stands at ${late[0]?.cursor}`);
      },
    );
    const acknowledged = new Map([...publishers, last].flatMap((publisher) => [...publisher.acknowledged]));
    for (const follower of followers) {
      wrong.push(...follower.wrong);
      for (const [cursor, data] of follower.data) {
        const said = acknowledged.get(cursor);
        if (said !== undefined && said !== data)
          wrong.push(`${cursor} was acknowledged as "${said}", given as "${data}"`);
      }
    }
    return {
      seed,
      deeds,
      acknowledged: acknowledged.size,
      received: followers.reduce((sum, { received }) => sum + received, 0),
      gaps: followers.reduce((sum, { gaps }) => sum + gaps, 0),
      reconnects: followers.reduce((sum, { opened }) => sum + opened - 1, 0),
      wrong: [...new Set(wrong)].slice(0, 10),
    };
  } finally {
    for (const follower of followers) follower.stop();
    for (const publisher of publishers) void publisher.stop();
  }
}

async function befall(cluster: Cluster, deed: (typeof DEEDS)[number], i: number, random: Random): Promise<void> {
  switch (deed) {
    case 'kill':
      await cluster.killServer(i);
      return cluster.startServer(i);
    case 'kill-two': {
      const other = (i + 1) % cluster.size;
      await Promise.all([cluster.killServer(i), cluster.killServer(other)]);
      await Promise.all([cluster.startServer(i), cluster.startServer(other)]);
      return;
    }
    case 'deploy':
      return cluster.deployServer(i);
    case 'flush':
      await cluster.master.command('FLUSHALL');
      return;
    case 'fail-over':
      return cluster.failOver(50 + 200 * random.next());
    case 'restart-redis':
      // without a file: all of it is gone
      await cluster.master.kill();
      await cluster.master.run();
      return cluster.replicated();
  }
}
