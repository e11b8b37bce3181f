/** What keeps a lane from its target, and the way out: told in the lane itself. */
import type { DropMark } from '../stores/model/lane-marks.ts';
import type { LaneTrack } from '../stores/model/lane-track.ts';
import { dropSentence, dropWords, evidenceSentence } from './ends.ts';

export interface Trouble {
  text: string;
  hint: string | null;
  /** It is for good: the lane does not come back by itself. */
  final: boolean;
  /** Our own doing, or the path's: the target is not to blame. */
  ours: boolean;
}

/** Null while nothing is wrong, or while it is only a drop the lane may come back from at once. */
export function troubleOf(lane: LaneTrack): Trouble | null {
  const drop = lane.drops.last;
  if (lane.state === 'failed') {
    if (lane.notice) return { ...said(lane), final: true, ours: false };
    const seen = lane.why?.evidence ? evidenceSentence(lane.why.evidence) : 'The server said not to come back';
    return { text: drop ? dropWords(drop, lane.method) : seen, hint: drop?.detail ?? null, final: true, ours: false };
  }
  if (!['waiting', 'connecting', 'dropped'].includes(lane.state)) return null;
  if (lane.notice?.code === 'target-unreachable' && drop?.cause === lane.notice.code)
    return { ...said(lane), final: false, ours: false };
  // What fits no drop (an answer too soon) or what came back wrong is in the lane's own words.
  const wrong = drop === undefined || drop.evidence === 'protocol' || (lane.notice !== null && lane.failures === 0);
  if (lane.notice && wrong) return { ...said(lane), final: false, ours: false };
  if (!drop || lane.failures < (lane.proven ? 2 : 1) || drop.cause === 'offline') return null;
  if (drop.cause && drop.cause !== 'target-unreachable')
    return { text: dropSentence(drop), hint: null, final: false, ours: true };
  return { ...outside(drop, lane.url), final: false, ours: false };
}

function said({ notice }: LaneTrack): Pick<Trouble, 'text' | 'hint'> {
  return { text: notice!.message, hint: notice!.hint ?? null };
}

function outside(drop: DropMark, url: string): Pick<Trouble, 'text' | 'hint'> {
  const at = place(url);
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
export function place(url: string): { host: string; name: string } {
  try {
    const { host, hostname } = new URL(url);
    return { host, name: hostname };
  } catch {
    return { host: url, name: url };
  }
}
