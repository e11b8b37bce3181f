/** Reading what a process costs, and numbers about numbers. Linux only: it reads /proc. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** A process and its children, such as nginx's workers. */
export function family(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return [pid, ...(children === '' ? [] : children.split(' ').flatMap((child) => family(Number(child))))];
}

/** User and system time used so far by a process and its children, in milliseconds, to one tick (10 ms). */
export function cpuMs(pid: number): number {
  const ticks = family(pid).map((each) => {
    // the name in parentheses may hold spaces: count fields from its end; 14 is utime, 15 stime
    const fields = readFileSync(`/proc/${each}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  });
  return (sum(ticks) * 1000) / TICKS_PER_SECOND;
}

/** What share of all processors has been busy, with whatever, since a reading before. */
export function busyMeter(): () => number {
  const read = (): { idle: number; all: number } => {
    const ticks = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: ticks[3]! + ticks[4]!, all: sum(ticks) };
  };
  const from = read();
  return () => {
    const to = read();
    return 1 - (to.idle - from.idle) / (to.all - from.all);
  };
}

/** Memory a process has resident, in bytes. */
export function rssBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kib) * 1024;
}

export const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** The value below which a share `q` of the numbers lies. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** To three significant digits. */
export const round = (n: number): number => (Number.isFinite(n) ? Number(n.toPrecision(3)) : n);

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
