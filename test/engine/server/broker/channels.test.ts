import { expect, it } from 'vitest';
import { memoryLog } from '../../../../src/engine/log/memory.ts';
import { Channels } from '../../../../src/engine/server/broker/channels.ts';
import { seeded } from '../../../../src/shared/random.ts';
import { FakeClock } from '../../../helpers/fake-clock.ts';

const rig = () => {
  const clock = new FakeClock();
  const log = memoryLog({ clock, random: seeded(1), retention: { count: 10, ageMs: 1000, bytes: 1e6 } });
  return { log, channels: new Channels(log, 100_000, clock) };
};

it('channels that were only asked for do not pile up', () => {
  const { log, channels } = rig();
  for (let i = 0; i < 20_000; i++) channels.get(`guessed-${i}`);
  expect([...channels].length).toBeLessThan(2000);
  expect(log.channels().length).toBeLessThan(2000);
});

it('channels with an event or with somebody who waits stay', () => {
  const { channels } = rig();
  void channels.get('written').log.append({ type: 't', data: 'x' });
  const joined = (name: string) => {
    const channel = channels.get(name);
    channel.join('somebody');
    return channel;
  };
  const waitedFor = joined('waited-for');
  for (let i = 0; i < 3000; i++) joined(`in-use-${i}`);
  for (let i = 0; i < 20_000; i++) channels.get(`guessed-${i}`);
  const names = new Set([...channels].map((channel) => channel.log.name));
  expect(names).toContain('written');
  expect(channels.get('waited-for')).toBe(waitedFor);
});
