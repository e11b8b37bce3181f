import { statSync } from 'node:fs';
import type { Observation, SummaryFact } from '../../shared/observation.ts';
import { redactObservation } from '../../shared/redact.ts';
import type { Out } from '../process/out.ts';
import { findingsText } from './findings.ts';
import { observationLine } from './observation-line.ts';
import { paint, type Paint } from './paint.ts';
import { summaryTable } from './summary.ts';
import { bytes, number } from './units.ts';

/** With so much text not yet taken by its reader, events are only counted until all of it has been. */
const MAX_BACKLOG = 1024 * 1024;

/** A run as it goes, for whoever reads: records for programs, lines and a table for people. Secrets stay out of both. */
export class RunReporter {
  readonly #out: Out;
  readonly #paint: Paint;
  /** The last error of each lane. */
  readonly #explained = new Map<string | null, string>();
  #startedAt: number | null = null;
  #summary: SummaryFact | null = null;
  /** Events since the reader fell behind. */
  #notShown = 0;

  constructor(out: Out) {
    this.#out = out;
    this.#paint = paint(out.colour);
  }

  observe(observation: Observation): void {
    const o = redactObservation(observation);
    this.#out.record(o);
    this.#startedAt ??= o.at;
    if (o.type === 'summary') this.#summary = o;
    if (o.type === 'run') {
      const via = o.via.length > 0 ? ` through ${o.via.join(', ')}` : '';
      const count = new Map<string, number>();
      for (const { url, method } of o.lanes) {
        const watched = `Watching ${url} by ${method}${via}`;
        count.set(watched, (count.get(watched) ?? 0) + 1);
      }
      for (const [watched, times] of count) this.#out.text(`${watched}${times === 1 ? '' : `, ${times} lanes`}.`);
    }
    if (this.#out.json) return;
    if (o.type === 'event' && this.#isBehind()) {
      this.#notShown++;
      return;
    }
    const line = observationLine(this.#withoutRepeatedDetail(o), this.#startedAt, this.#paint);
    if (line !== null) this.#out.text(line);
  }

  #isBehind(): boolean {
    const { backlog } = this.#out;
    if (this.#notShown === 0) return backlog > MAX_BACKLOG;
    if (backlog > 0) return true;
    this.#tellNotShown();
    return false;
  }

  #tellNotShown(): void {
    if (this.#notShown === 0) return;
    const events = this.#notShown === 1 ? '1 event is' : `${number(this.#notShown)} events are`;
    this.#notShown = 0;
    this.#out.text(this.#paint('yellow', `${events} not shown: this text is read more slowly than they come.`));
  }

  /** A drop that a notice has just explained needs no second explanation. */
  #withoutRepeatedDetail(o: Observation): Observation {
    if (o.type === 'notice' && o.level === 'error') this.#explained.set(o.lane, o.message.toLowerCase());
    if (o.type !== 'drop' || o.detail === undefined) return o;
    if (!this.#explained.get(o.lane)?.includes(o.detail.toLowerCase())) return o;
    const { detail: _, ...rest } = o;
    return rest;
  }

  ends(why: string): void {
    this.#tellNotShown();
    this.#out.text(this.#paint('dim', `Ends: ${why}.`));
  }

  summary(): void {
    if (!this.#summary) return;
    this.#out.text(`\n${summaryTable(this.#summary.lanes)}`);
    const findings = findingsText(this.#summary.lanes);
    if (findings !== '') this.#out.text(`\nFindings\n${findings}`);
  }

  recorded(file: string): void {
    try {
      this.#out.text(`\nRecorded ${bytes(statSync(file).size)} into ${file}`);
    } catch {
      this.#out.text(`\n${file} was not recorded.`);
    }
  }
}
