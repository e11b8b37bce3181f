/** Why a connection ended, in a sentence or two. What is only inferred says so, and one drop alone proves nothing. */
import { explainPath } from '../../../../shared/path/explain.ts';
import type { PathStep } from '../../../../shared/path/spec.ts';
import { causeSentence, evidenceSentence } from '../../../labels/drop.ts';
import type { DropMark } from '../../../model/lane-marks.ts';
import type { LaneFinding, LaneModel } from '../../../model/lane-model.ts';
import type { LedgerEntry } from '../../../model/ledger.ts';
import { limit, plural, seconds } from '../../../ui/format.ts';
import { limitOf } from './drop-facts.ts';

/** A silence this much longer than the limit has not been counted by the client alone. */
const LONGER = 1.15;

export interface WhyInput {
  lane: LaneModel;
  drop: DropMark;
  /** The path at that time; null where it is not known in parts. */
  steps: readonly PathStep[] | null;
  /** When that path was laid. */
  laidAt: number;
  entry: LedgerEntry | null;
  /** Of this lane, newest last. */
  findings: readonly LaneFinding[];
}

export function whySentence(input: WhyInput): string {
  return [endSentence(input), lossSentence(input.entry)].filter((s) => s !== '').join(' ');
}

function endSentence(input: WhyInput): string {
  const { drop, findings } = input;
  if (drop.cause === 'idle-limit') return idleSentence(input);
  if (drop.cause !== undefined) {
    const slept = drop.cause === 'client-sleep';
    return slept
      ? 'It ended while the client slept, which found out on waking.'
      : `${capital(causeSentence(drop.cause))}.`;
  }
  const said = drop.evidence.startsWith('close:') || drop.evidence.startsWith('status:');
  const finding = findings.findLast((f) =>
    ['lifetime', 'idle-limit', 'zombie', 'head-late', 'buffered'].includes(f.code),
  );
  if (finding) {
    const sure = `Inferred from this lane’s drops, confidence ${Math.round(finding.confidence * 100)} %.`;
    return `${finding.text.replace(/\.?$/, '.')} ${sure}`;
  }
  if (said) return `${evidenceSentence(drop.evidence)}${drop.detail ? `: ${drop.detail.replace(/\.$/, '')}` : ''}.`;
  return `${evidenceSentence(drop.evidence)}. Why cannot be known from one drop; two more alike would tell.`;
}

function idleSentence({ lane, drop, steps, laidAt }: WhyInput): string {
  const limitMs = limitOf(steps, lane);
  const heard = seconds(drop.silence);
  if (lane.endedAsleep(drop)) return `The client slept, and this path ends what is silent for ${limit(limitMs)}.`;
  if (limitMs !== null && drop.silence > limitMs && laidAt > drop.at - drop.silence) {
    return `Nobody had spoken for ${heard} when the path, which ends what is silent for ${limit(limitMs)}, was laid under it.`;
  }
  if (limitMs !== null && drop.silence > limitMs * LONGER) {
    const hold = steps && explainPath(steps, lane.method, 'busy').hold;
    const kept =
      hold && hold.until !== 'nothing' && hold.until !== 'moment'
        ? 'the path kept back what the server sent meanwhile (it buffers), and its limit counts from there'
        : 'bytes that did not reach this client, or its own, began the limit anew';
    return `The path’s limit is ${limit(limitMs)}, yet this client had heard nothing for ${heard}: ${kept}.`;
  }
  if (lane.method === 'long-polling')
    return `The poll was held for ${heard} without an answer, and this path ends what is silent that long.`;
  if (drop.silence < 500) return 'This path found its own side of the connection silent for too long.';
  return `Nobody spoke for ${heard}, and this path ends what is silent that long.`;
}

function lossSentence(entry: LedgerEntry | null): string {
  const resume = entry?.resume;
  if (!resume || resume.missed === null) return '';
  if (resume.missed > 0) {
    const one = resume.missed === 1;
    return `${plural(resume.missed, 'event')} published before the client was back never came: ${
      resume.sent === null
        ? 'it did not ask for what it had missed'
        : `it asked, and ${one ? 'it was' : 'they were'} not there`
    }.`;
  }
  return resume.sent === null ? '' : 'Nothing was lost: it asked from where it was.';
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
