import { endText } from './ends.ts';
import { plural } from './figures.ts';
import { terminalOf } from './model-stream.ts';
import type { Probe } from './probe.ts';

/** Promise: streams of a model or agent that ended without their terminal message. */
export const truncates: Probe = {
  code: 'truncates',
  judge(m) {
    const model = m.plain.filter((w) => terminalOf(w) !== null || w.notices.some((n) => n.code === 'truncated'));
    if (model.length === 0) return null;
    const ended = model.filter((w) => w.end !== null);
    if (ended.length === 0) return { unknown: 'No such stream has ended yet.' };
    const broken = ended.filter(
      (w) =>
        w.notices.some((n) => n.code === 'truncated') || !(w.end!.announced || w.end!.final || terminalOf(w)!.reached),
    );
    const share = Math.round((broken.length / ended.length) * 100) / 100;
    if (broken.length === 0)
      return {
        verdict: 'ok',
        value: 0,
        text: `${plural(ended.length, 'stream')} ended with the terminal message.`,
        evidence: [],
      };
    return {
      verdict: 'problem',
      kind: broken[0]!.end!.evidence.replace(':', '-'),
      value: share,
      text: `${broken.length} of ${plural(ended.length, 'stream')} ended without the terminal message, by ${endText(broken[0]!.end!)}.`,
      evidence: broken.slice(0, 3).map((w) => ({
        at: Math.round(w.end!.at - m.startedAt),
        what: `${w.order.name}: the last message before the end`,
        bytes: w.events.at(-1)?.data.slice(0, 200) ?? '',
      })),
    };
  },
};
