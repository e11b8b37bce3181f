import type { ConnectionFact, Observation, ProxySummary } from '../../shared/observation.ts';
import { redactObservation } from '../../shared/redact.ts';
import type { Out } from '../process/out.ts';
import { observationLine } from './observation-line.ts';
import { paint, type Paint } from './paint.ts';
import { table } from './table.ts';
import { bytes, ms, number } from './units.ts';

/** Proxies at work, for whoever reads: records for programs, lines and a table for people. */
export class ProxyReporter {
  readonly #out: Out;
  readonly #paint: Paint;
  readonly #startedAt: number;
  /** What happened before anybody was told where to go. */
  #beforeReady: Observation[] | null = [];

  constructor(out: Out, startedAt: number) {
    this.#out = out;
    this.#paint = paint(out.colour);
    this.#startedAt = startedAt;
  }

  /** The first line has been written: the rest may follow. */
  begin(): void {
    const early = this.#beforeReady ?? [];
    this.#beforeReady = null;
    // That a proxy was made has just been said, and so has a path that is none.
    for (const o of early) {
      const said = (o.type === 'notice' && o.code === 'proxy-created') || (o.type === 'path' && o.via.length === 0);
      if (!said) this.observe(o);
    }
  }

  observe(observation: Observation): void {
    if (this.#beforeReady) return void this.#beforeReady.push(observation);
    const o = redactObservation(observation);
    this.#out.record(o);
    if (this.#out.json) return;
    const line = this.#line(o);
    if (line !== null) this.#out.text(line);
  }

  ends(why: string): void {
    this.#out.text(this.#paint('dim', `Ends: ${why}.`));
  }

  summary(proxies: Record<string, ProxySummary>): void {
    const rows = Object.entries(proxies).map(([name, p]) => [
      name,
      number(p.connections),
      bytes(p.bytesUp),
      bytes(p.bytesDown),
      Object.entries(p.ended)
        .map(([fault, n]) => `${fault} ${n}`)
        .join(', ') || '0',
      number(p.unreachable),
    ]);
    if (rows.length === 0) return;
    this.#out.text(
      `\n${table([['', 'connections', 'up', 'down', 'ended by the path', 'target unreachable'], ...rows])}`,
    );
  }

  #line(o: Observation): string | null {
    if (o.type === 'connection') return this.#withTime(o, connectionText(o, this.#paint));
    if (o.type === 'path' && o.via.length === 0)
      return this.#withTime(o, `${this.#paint('dim', 'path'.padEnd(9))}  direct`);
    return observationLine(o, this.#startedAt, this.#paint);
  }

  #withTime(o: Observation, said: string): string {
    const at = `${((o.at - this.#startedAt) / 1000).toFixed(3).padStart(9)} s`;
    return `${this.#paint('dim', at)}  ${(o.lane ?? '').padEnd(13)}  ${said}`;
  }
}

function connectionText(o: ConnectionFact, p: Paint): string {
  return o.action === 'open'
    ? `${p('green', 'opened'.padEnd(9))}  from port ${o.port}`
    : `${p('dim', 'closed'.padEnd(9))}  from port ${o.port}, after ${ms(o.age)}: ${bytes(o.bytes.up)} up, ${bytes(o.bytes.down)} down`;
}
