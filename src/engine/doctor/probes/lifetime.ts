import { aliveAge, endLine, endsStory, endText, headLine, type Ended } from './ends.ts';
import { msText, plural } from './figures.ts';
import type { Probe } from './probe.ts';

/** Promise: the age at which busy connections end, where three agree within 3 %. */
export const lifetime: Probe = {
  code: 'lifetime',
  judge(m) {
    if (!m.opened) return { unknown: 'No connection opened.' };
    const { lifetime: found, idle, ends } = endsStory(m);
    if (found) {
      const announced = found.of.every(isCleanEnd);
      return {
        verdict: announced ? 'warning' : 'problem',
        kind: announced ? 'announced' : found.of[0]!.end.evidence.replace(':', '-'),
        value: found.ms,
        text: `Connections end at an age of ${msText(found.ms)}, however busy they are: ${plural(found.of.length, 'time')}, by ${endText(found.of[0]!.end)}.`,
        evidence: [...headLine(m, found.of[0]!), ...found.of.slice(0, 6).map((w) => endLine(m, w))],
      };
    }
    if (idle && m.pinged.length === 0 && !m.plain.some((w) => w.events.length + w.beats.length > 1)) {
      return { unknown: 'The stream is quiet and has no heartbeats: an age cannot be told from a silence.' };
    }
    const oldest = Math.max(0, ...[...m.plain, ...m.pinged].map((w) => aliveAge(w, m.now())));
    if (ends.length > 0 && !idle) return { unknown: 'The ends that were seen have no age in common.' };
    return { unknown: `No busy connection ended within ${msText(oldest)}; older ones were not tried.` };
  },
};

/** The protocol said so, or the answer was at least complete; FIN and RST amid an answer are cuts. */
const isCleanEnd = ({ end }: Ended): boolean =>
  end.announced || end.evidence === 'clean-end' || /^close:(1000|1001|1012|1013)$/.test(end.evidence);
