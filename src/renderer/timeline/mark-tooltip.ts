/** Tooltip text of a mark. */
import { hostSleepTitle } from '../../shared/host-sleep.ts';
import { METHOD_LABEL } from '../../shared/catalog.ts';
import type { EventFact, HeartbeatFact, Observation } from '../../shared/observation.ts';
import type { MarkFact } from './marks.ts';
import type { PublishMark } from '../model/lane-marks.ts';
import { dropSentence, dropLabel } from '../labels/drop.ts';
import { bytes, plural, seconds, span } from '../ui/format.ts';
import { faultLabel, scenarioLabel, settingFactLabel } from '../labels/setting.ts';

export interface TooltipText {
  title: string;
  text: string;
  /** Something was lost. */
  loss?: boolean;
}

const HEARTBEAT_LABEL: Record<HeartbeatFact['kind'], string> = {
  comment: 'Heartbeat, comment',
  ping: 'Heartbeat, ping',
  pong: 'Heartbeat, pong',
  message: 'Heartbeat, message',
};

export function markTooltip(fact: MarkFact): TooltipText {
  switch (fact.kind) {
    case 'event':
      return { title: fact.event.duplicate ? 'Event, repeated' : 'Event', text: eventText(fact.event) };
    case 'event-group':
      return {
        title: plural(fact.count, 'event'),
        text: `within ${span(fact.ms)}${fact.repeated > 0 ? `, ${fact.repeated} of them repeated` : ''}`,
      };
    case 'poll':
      return pollText(fact);
    case 'heartbeat': {
      const { heartbeat } = fact;
      return {
        title: HEARTBEAT_LABEL[heartbeat.kind],
        text:
          heartbeat.rtt !== undefined ? `answered after ${span(heartbeat.rtt)}` : 'resets the idle limit of the path',
      };
    }
    case 'drop':
      return {
        title: `Drop, ${dropLabel(fact.drop, fact.lane.method)}`,
        text: dropSentence(fact.drop),
        loss: !fact.lane.endedAsleep(fact.drop),
      };
    case 'recovery':
      return recoveryText(fact);
    case 'gap': {
      const { gap } = fact;
      return {
        title: gap.missed === null ? 'Gap' : `Gap, ${gap.missed} missed`,
        text: `${GAP_SENTENCE[gap.reason] ?? gap.reason}${gap.from ? `, from ${gap.from}` : ''}${gap.to ? ` to ${gap.to}` : ''}${gap.missed === null ? '. How many cannot be known.' : '.'}`,
        loss: true,
      };
    }
    case 'publish':
      if (fact.publish.seenBy !== null) return firstSeenText(fact.publish);
      return {
        title: 'Published',
        text: `${fact.publish.event} enters the log${fact.publish.cursor ? ` as ${fact.publish.cursor}` : ''}, ${bytes(fact.publish.bytes)}`,
      };
    case 'condition':
      return { title: fact.condition.label, text: conditionText(fact.condition.observation) };
    case 'sleep': {
      const { sleep } = fact;
      const lasted = (sleep.to ?? fact.now) - sleep.at;
      return {
        title: sleep.what === 'host' ? hostSleepTitle(sleep.ms) : `Sleep ${seconds(lasted)}`,
        text: 'Nothing is read, written or timed: bytes and closes wait until the client wakes.',
      };
    }
  }
}

function eventText(event: Observation & EventFact): string {
  const late = event.replayed ? 'published before this lane opened' : `${span(event.latency)} after publish`;
  const id = event.cursor ?? event.id;
  return [event.event, id, event.latency === null && !event.replayed ? null : late, bytes(event.bytes)]
    .filter((part) => part !== null)
    .join(' · ');
}

function pollText({ poll, lane }: MarkFact & { kind: 'poll' }): TooltipText {
  const title = lane.method === 'long-polling' ? 'Long poll' : 'Poll';
  const took = poll.to === null ? null : poll.to - poll.at;
  if (poll.to === null) return { title: `${title}, held`, text: 'no answer yet' };
  if (poll.abortedBy === 'sleep') return { title: `${title}, frozen`, text: 'the client fell asleep while waiting' };
  if (poll.abortedBy === 'drop') return { title: `${title}, no answer`, text: `ended after ${span(took)}`, loss: true };
  if (poll.abortedBy === 'stop') return { title: `${title}, stopped`, text: `given up after ${span(took)}` };
  const brought = poll.events > 0 ? plural(poll.events, 'event') : 'nothing new';
  return {
    title: `${title}, ${poll.status}`,
    text: `${brought} after ${span(took)}, ${bytes(poll.bytes)} of body`,
    loss: (poll.status ?? 0) >= 500,
  };
}

function firstSeenText(mark: PublishMark): TooltipText {
  const id = mark.cursor === null ? '' : ` ${mark.cursor}`;
  return {
    title: 'First seen',
    text: `${mark.event}${id}, by ${mark.seenBy} before any other lane. When this server published it cannot be known from here.`,
  };
}

function recoveryText({ recovery }: MarkFact & { kind: 'recovery' }): TooltipText {
  const { resume } = recovery;
  const parts = [
    `asked from ${resume.sent ?? 'its own start'}`,
    resume.first ? `first received ${resume.first}` : null,
    resume.missed === null ? 'missed: cannot know' : `${resume.missed} missed`,
    resume.repeated === null ? 'repeated: cannot know' : `${resume.repeated} repeated`,
    resume.epochChanged ? 'the log began a new epoch' : null,
  ];
  const away = `back ${span(recovery.at - recovery.from)} after ${recovery.sleptMs === null ? 'the drop' : 'falling asleep'}`;
  return {
    title: 'Resumed',
    text: `${away}; ${parts.filter((p) => p !== null).join(', ')}`,
    loss: (resume.missed ?? 0) > 0,
  };
}

/** Why events are missing. */
const GAP_SENTENCE: Record<string, string> = {
  trimmed: 'The server no longer keeps what was asked for',
  epoch: 'The log began a new epoch',
  future: 'The server is behind the cursor: its tail was lost',
  hole: 'The numbers skip',
  unknown: 'Events are missing',
};

function conditionText(o: Observation | null): string {
  if (o?.type === 'path')
    return o.via.length === 0 ? 'nothing between client and server' : `--via ${o.via.join(' --via ')}`;
  if (o?.type === 'setting') return `${o.name.replaceAll('-', ' ')}: ${settingFactLabel(o).value}`;
  if (o?.type === 'fault') return faultLabel(o);
  if (o?.type === 'scenario') return scenarioLabel(o);
  return 'from the start of the run';
}

export const shortMethodLabel = (method: keyof typeof METHOD_LABEL): string =>
  METHOD_LABEL[method].replace('polling', 'poll');
