import type { Advice, StormResult } from '../../shared/storm.ts';
import { formatDuration } from '../../shared/duration.ts';
import type { Paint } from './paint.ts';
import { table } from './table.ts';

const BARS = 48;
const WIDTH = 48;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

const ADVICE: Record<Advice, string> = {
  none: 'no advice',
  retry: 'SSE retry: 2–6 s',
  'retry-after': 'Retry-After: 2 or 3 s',
  queue: 'a place in the line',
};

/** A storm for people: the histogram drawn, then what it comes to. */
export function stormText(result: StormResult, p: Paint): string {
  const { clients, outageMs, capacity, policy, peak, safeWindowMs } = result;
  const lines = [
    p('bold', `${number(clients)} clients, dropped at once, the server away for ${formatDuration(outageMs)}`),
    p(
      'dim',
      `back-off ${policy.kind}, base ${formatDuration(policy.baseMs)}, cap ${formatDuration(policy.capMs)}; seed ${result.seed}; played in ${(result.tookMs / 1000).toFixed(1)} s`,
    ),
    '',
    ...histogram(result, p),
    '',
    `Peak once it is back: ${p('bold', `${number(peak.perSecond)} attempts a second`)}, ${seconds(peak.at - outageMs)} after${over(result)}.`,
  ];
  if (capacity !== null) {
    lines.push(
      safeWindowMs === null
        ? 'No window of a day is safe at this capacity.'
        : `Smallest safe window: a server that lets its clients go spreads them over ${p('bold', seconds(safeWindowMs))}, and no second brings more than ${number(capacity)}.`,
    );
    lines.push('', 'What the server tells those it turns away:');
    lines.push(
      table([
        ['', 'peak', '× capacity', 'turned away', 'attempts', 'all back'],
        ...result.advice.map((course) => [
          ADVICE[course.advice],
          `${number(course.peak.perSecond)}/s`,
          course.overCapacity === null ? '–' : course.overCapacity.toFixed(2),
          number(course.turnedAway),
          number(course.attempts),
          course.allBackMs === null ? 'never' : `${seconds(course.allBackMs - outageMs)} after`,
        ]),
      ]),
    );
  } else {
    lines.push(`A server that takes fewer turns some away: say --capacity N/s to see how that goes on.`);
    lines.push(result.allBackMs === null ? '' : `All are back ${seconds(result.allBackMs - outageMs)} after.`);
  }
  return lines.join('\n').replaceAll(/\n\n+$/g, '\n');
}

function histogram({ histogram: { binMs, attempts, connected }, outageMs, capacity }: StormResult, p: Paint): string[] {
  const perLine = Math.ceil(attempts.length / BARS);
  const ms = binMs * perLine;
  const rate = (list: number[], line: number): number =>
    (list.slice(line * perLine, (line + 1) * perLine).reduce((sum, n) => sum + n, 0) * 1000) / ms;
  const count = Math.ceil(attempts.length / perLine);
  const rates = Array.from({ length: count }, (_, line) => rate(attempts, line));
  // what is refused at once costs a server nothing: the bars are for what comes when it is back
  const most = Math.max(...rates.filter((_, line) => (line + 1) * ms > outageMs), capacity ?? 0, 1);
  const at = (value: number): number => Math.min(WIDTH, Math.round((value / most) * WIDTH));
  return [
    p('dim', `${'time'.padStart(8)}  attempts a second, over ${formatDuration(ms)} each`),
    ...rates.map((value, line) => {
      const back = line * ms >= outageMs;
      const taken = rate(connected, line);
      const colour = !back ? 'dim' : capacity !== null && value > capacity ? 'red' : 'green';
      const mark = capacity === null ? '' : ' '.repeat(Math.max(0, at(capacity) - at(value)));
      const limit = capacity !== null && at(capacity) > at(value) ? `${mark}${p('dim', '│')}` : '';
      const note =
        back || value > most
          ? `  ${number(Math.round(value))}${back && taken < value - 0.5 ? `, ${number(Math.round(taken))} taken` : ''}`
          : '';
      return `${seconds(line * ms).padStart(8)}  ${p(colour, bar(Math.min(1, value / most)))}${limit}${p('dim', note)}`;
    }),
  ];
}

function bar(share: number): string {
  const eighths = Math.round(share * WIDTH * 8);
  const text = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7]!;
  return text === '' && share > 0 ? EIGHTHS[1]! : text;
}

const over = ({ overCapacity, capacity }: StormResult): string =>
  overCapacity === null ? '' : `, ${overCapacity.toFixed(1)} × its capacity of ${number(capacity!)}/s`;
const number = (n: number): string => n.toLocaleString('en-GB');
const seconds = (ms: number): string => (ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`);
