/** Why a lane cannot reach its target and what to do about it, shown in the lane. */
import type { DropMark } from '../../model/lane-marks.ts';
import type { LaneModel } from '../../model/lane-model.ts';
import { dropSentence, dropLabel, evidenceSentence } from '../../labels/drop.ts';

export interface LaneProblem {
  text: string;
  hint: string | null;
  /** It is for good: the lane does not come back by itself. */
  final: boolean;
  /** Caused by a user action or by the path, not by the target. */
  selfInflicted: boolean;
}

/** Null while nothing is wrong, or while it is only a drop the lane may come back from at once. */
export function laneProblem(lane: LaneModel): LaneProblem | null {
  const drop = lane.drops.last;
  if (lane.state === 'failed') {
    if (lane.notice) return { ...fromNotice(lane), final: true, selfInflicted: false };
    const seen = lane.lastStateChange?.evidence
      ? evidenceSentence(lane.lastStateChange.evidence)
      : 'The server said not to come back';
    return {
      text: drop ? dropLabel(drop, lane.method) : seen,
      hint: drop?.detail ?? null,
      final: true,
      selfInflicted: false,
    };
  }
  if (!['waiting', 'connecting', 'dropped'].includes(lane.state)) return null;
  if (lane.notice?.code === 'target-unreachable' && drop?.cause === lane.notice.code)
    return { ...fromNotice(lane), final: false, selfInflicted: false };
  // What fits no drop (an answer too soon) or what came back wrong is in the lane's own words.
  const wrong = drop === undefined || drop.evidence === 'protocol' || (lane.notice !== null && lane.failures === 0);
  if (lane.notice && wrong) return { ...fromNotice(lane), final: false, selfInflicted: false };
  if (!drop || lane.failures < (lane.hasSucceeded ? 2 : 1) || drop.cause === 'offline') return null;
  if (drop.cause && drop.cause !== 'target-unreachable')
    return { text: dropSentence(drop), hint: null, final: false, selfInflicted: true };
  return { ...fromDrop(drop, lane.url), final: false, selfInflicted: false };
}

function fromNotice({ notice }: LaneModel): Pick<LaneProblem, 'text' | 'hint'> {
  return { text: notice!.message, hint: notice!.hint ?? null };
}

function fromDrop(drop: DropMark, url: string): Pick<LaneProblem, 'text' | 'hint'> {
  const at = hostOf(url);
  if (drop.cause === 'target-unreachable')
    return { text: `The path cannot reach ${at.host}`, hint: drop.detail ?? null };
  switch (drop.evidence) {
    case 'refused':
      return {
        text: `Nothing listens at ${at.host}`,
        hint: 'The connection is refused. Is the server up, the port right?',
      };
    case 'dns':
      return { text: `No host is called ${at.name}`, hint: 'The name cannot be resolved. Check its spelling.' };
    case 'tls':
      return { text: `TLS with ${at.host} fails`, hint: drop.detail ?? null };
    case 'connect-timeout':
      return { text: `${at.host} cannot be reached`, hint: 'No connection came about in time.' };
    default:
      return { text: evidenceSentence(drop.evidence), hint: drop.detail ?? null };
  }
}

/** Where a URL points: `127.0.0.1:7410`, and the name alone. */
export function hostOf(url: string): { host: string; name: string } {
  try {
    const { host, hostname } = new URL(url);
    return { host, name: hostname };
  } catch {
    return { host: url, name: url };
  }
}
