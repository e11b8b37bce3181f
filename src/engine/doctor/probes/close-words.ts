import { endedOf, endLine, endsStory, type Ended } from './ends.ts';
import { plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: ends of a server that give no reason where one could be given. What a path's idle limit ends is not counted. */
export const closeWords: Probe = {
  code: 'close-words',
  judge(m) {
    if (!m.opened) return { unknown: 'No connection opened.' };
    const { idle } = endsStory(m);
    const ends = endedOf([...m.plain, ...m.pinged]).filter((w) => !idle?.of.includes(w) && w.end.cause === null);
    if (ends.length === 0) {
      return { unknown: idle ? 'Only the path’s own ends were seen.' : 'No connection was ended.' };
    }
    const mute = ends.filter((w) => (m.method === 'websocket' ? isMuteSocket(w) : w.end.evidence === 'rst'));
    if (mute.length === 0) return { verdict: 'ok', text: 'Ends say what they are.', evidence: [] };
    const how =
      mute[0]!.end.evidence === 'rst'
        ? 'RST'
        : mute[0]!.end.evidence === 'fin'
          ? 'FIN (1006)'
          : 'a close frame without a reason';
    return {
      verdict: 'warning',
      kind: mute[0]!.end.evidence.replace(':', '-'),
      text: `${plural(mute.length, 'connection')} ended by ${how}, where a ${m.method === 'websocket' ? 'close frame with code and reason' : 'last chunk or a word before it'} would tell the client why.`,
      evidence: mute.slice(0, 4).map((w) => endLine(m, w)),
    };
  },
};

function isMuteSocket({ end }: Ended): boolean {
  if (end.evidence === 'fin' || end.evidence === 'rst') return true;
  return end.evidence === 'clean-end' || end.evidence === 'close:1005' || end.evidence === 'close:1006';
}
