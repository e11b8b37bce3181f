/** The exact fact behind a mark, in words, for the one who points at it. */
import { METHOD_LABEL } from '../../shared/catalog.ts';
import type { EventFact, HeartbeatFact, Observation } from '../../shared/observation.ts';
import type { Meaning } from '../charts/ribbon/marks.ts';
import type { PublishMark } from '../stores/model/lane-marks.ts';
import { dropSentence, dropWords } from './ends.ts';
import { bytes, plural, seconds, span } from './format.ts';
import { faultWords, scenarioWords, settingWords } from './settings.ts';

export interface FactWords {
  title: string;
  text: string;
  /** Something was lost. */
  loss?: boolean;
}

const BEATS: Record<HeartbeatFact['kind'], string> = {
  comment: 'Heartbeat, comment',
  ping: 'Heartbeat, ping',
  pong: 'Heartbeat, pong',
  message: 'Heartbeat, message',
};

export function factWords(means: Meaning): FactWords {
  switch (means.kind) {
    case 'event':
      return { title: means.event.duplicate ? 'Event, repeated' : 'Event', text: eventWords(means.event) };
    case 'many':
      return {
        title: plural(means.count, 'event'),
        text: `within ${span(means.ms)}${means.repeated > 0 ? `, ${means.repeated} of them repeated` : ''}`,
      };
    case 'poll':
      return pollWords(means);
    case 'beat': {
      const { beat } = means;
      return {
        title: BEATS[beat.kind],
        text: beat.rtt !== undefined ? `answered after ${span(beat.rtt)}` : 'resets the idle limit of the path',
      };
    }
    case 'drop':
      return {
        title: `Drop, ${dropWords(means.drop, means.lane.method)}`,
        text: dropSentence(means.drop),
        loss: !means.lane.endedAsleep(means.drop),
      };
    case 'bridge':
      return bridgeWords(means);
    case 'gap': {
      const { gap } = means;
      return {
        title: gap.missed === null ? 'Gap' : `Gap, ${gap.missed} missed`,
        text: `${GAP[gap.reason] ?? gap.reason}${gap.from ? `, from ${gap.from}` : ''}${gap.to ? ` to ${gap.to}` : ''}${gap.missed === null ? '. How many cannot be known.' : '.'}`,
        loss: true,
      };
    }
    case 'publish':
      if (means.publish.seenBy !== null) return sightWords(means.publish);
      return {
        title: 'Published',
        text: `${means.publish.event} enters the log${means.publish.cursor ? ` as ${means.publish.cursor}` : ''}, ${bytes(means.publish.bytes)}`,
      };
    case 'condition':
      return { title: means.condition.label, text: conditionWords(means.condition.observation) };
    case 'sleep': {
      const { sleep } = means;
      const lasted = (sleep.to ?? means.now) - sleep.at;
      return {
        title: sleep.what === 'host' ? 'The machine was suspended' : `Sleep ${seconds(lasted)}`,
        text: 'Nothing is read, written or timed: bytes and closes wait until the client wakes.',
      };
    }
  }
}

function eventWords(event: Observation & EventFact): string {
  const late = event.replayed ? 'published before this lane opened' : `${span(event.latency)} after publish`;
  const id = event.cursor ?? event.id;
  return [event.event, id, event.latency === null && !event.replayed ? null : late, bytes(event.bytes)]
    .filter((part) => part !== null)
    .join(' · ');
}

function pollWords({ poll, lane }: Meaning & { kind: 'poll' }): FactWords {
  const title = lane.method === 'long-polling' ? 'Long poll' : 'Poll';
  const took = poll.to === null ? null : poll.to - poll.at;
  if (poll.to === null) return { title: `${title}, held`, text: 'no answer yet' };
  if (poll.cut === 'sleep') return { title: `${title}, frozen`, text: 'the client fell asleep while waiting' };
  if (poll.cut === 'drop') return { title: `${title}, no answer`, text: `ended after ${span(took)}`, loss: true };
  if (poll.cut === 'stop') return { title: `${title}, stopped`, text: `given up after ${span(took)}` };
  const brought = poll.events > 0 ? plural(poll.events, 'event') : 'nothing new';
  return {
    title: `${title}, ${poll.status}`,
    text: `${brought} after ${span(took)}, ${bytes(poll.bytes)} of body`,
    loss: (poll.status ?? 0) >= 500,
  };
}

function sightWords(mark: PublishMark): FactWords {
  const id = mark.cursor === null ? '' : ` ${mark.cursor}`;
  return {
    title: 'First seen',
    text: `${mark.event}${id}, by ${mark.seenBy} before any other lane. When this server published it cannot be known from here.`,
  };
}

function bridgeWords({ bridge }: Meaning & { kind: 'bridge' }): FactWords {
  const { resume } = bridge;
  const parts = [
    `asked from ${resume.sent ?? 'its own start'}`,
    resume.first ? `first received ${resume.first}` : null,
    resume.missed === null ? 'missed: cannot know' : `${resume.missed} missed`,
    `${resume.repeated} repeated`,
    resume.epochChanged ? 'the log began a new epoch' : null,
  ];
  const away = `back ${span(bridge.at - bridge.from)} after ${bridge.slept === null ? 'the drop' : 'falling asleep'}`;
  return {
    title: 'Resumed',
    text: `${away}; ${parts.filter((p) => p !== null).join(', ')}`,
    loss: (resume.missed ?? 0) > 0,
  };
}

/** Why events are missing. */
const GAP: Record<string, string> = {
  trimmed: 'The server no longer keeps what was asked for',
  epoch: 'The log began a new epoch',
  future: 'The server is behind the cursor: its tail was lost',
  hole: 'The numbers skip',
  unknown: 'Events are missing',
};

function conditionWords(o: Observation | null): string {
  if (o?.type === 'path')
    return o.via.length === 0 ? 'nothing between client and server' : `--via ${o.via.join(' --via ')}`;
  if (o?.type === 'setting') return `${o.name.replaceAll('-', ' ')}: ${settingWords(o)}`;
  if (o?.type === 'fault') return faultWords(o);
  if (o?.type === 'scenario') return scenarioWords(o);
  return 'from the start of the run';
}

export const laneWord = (method: keyof typeof METHOD_LABEL): string => METHOD_LABEL[method].replace('polling', 'poll');
