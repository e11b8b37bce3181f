import { fitOf, type Sample } from './dialect-fit.ts';
import type { Probe } from './probe.ts';
import type { StepResult } from './step-list.ts';

/** Whether what came fits the chosen dialect, and which other one fits better. */
export function judgeDialect(p: Probe, sample: Sample): StepResult<never> {
  const own = fitOf(p.dialect, sample);
  const others = p.dialects.filter((d) => d.name !== p.dialect.name).map((d) => ({ d, ...fitOf(d, sample) }));
  const better =
    own.fit === 'fits' || own.fit === 'unclear'
      ? undefined
      : (others.find((o) => o.fit === 'fits') ??
        (own.fit === 'unfit' ? others.find((o) => o.fit === 'loose') : undefined));
  if (better) p.suggest(better.d);
  const hint = better && `It fits ${better.d.label}: ${lowerFirst(better.why)}`;
  const text = `${p.dialect.label}: ${lowerFirst(own.why)}`;
  switch (own.fit) {
    case 'fits':
    case 'loose':
      return { outcome: 'ok', text, ...(hint && { hint }) };
    case 'unclear':
      return { outcome: 'unknown', text, hint: 'Publish an event, and check again.' };
    case 'unfit':
      return { outcome: 'failed', text, hint: hint ?? 'Choose another dialect, or write a dialect file.' };
  }
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
