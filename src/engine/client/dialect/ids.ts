/** What a dialect's ids say of order. */
import type { IdRules } from '../../../shared/dialect/model.ts';
import type { DenseId } from '../../../shared/protocol/dense-id.ts';

export class IdReader {
  readonly rules: IdRules;
  /** Holes between numbers are holes. */
  readonly dense: boolean;
  readonly #numbered: boolean;
  readonly #pattern: RegExp | null;

  constructor(rules: IdRules) {
    this.rules = rules;
    this.dense = rules.kind === 'dense';
    this.#numbered = this.dense || rules.kind === 'ordered';
    this.#pattern = rules.epoch && 'pattern' in rules.epoch ? new RegExp(rules.epoch.pattern) : null;
  }

  /** @param epoch where the event itself names it; the number is null where the id has none */
  read(id: string, epoch: string | null = null): DenseId | null {
    if (!this.#numbered) return null;
    if (this.#pattern) {
      const groups = this.#pattern.exec(id)?.groups;
      const seq = groups?.['seq'];
      if (seq === undefined || !/^\d{1,100}$/.test(seq)) return null;
      return { epoch: groups?.['epoch'] ?? epoch ?? '', seq: BigInt(seq) };
    }
    return /^\d{1,100}$/.test(id) ? { epoch: epoch ?? '', seq: BigInt(id) } : null;
  }

  /** The epoch that an id carries; null where it carries none. */
  epochOf(id: string): string | null {
    return this.#pattern?.exec(id)?.groups?.['epoch'] ?? null;
  }

  /** What a resume asks with: the last id, or the one after it. */
  asked(cursor: string): string {
    return this.rules.next === 'plus-one' ? (this.shifted(cursor, 1n) ?? cursor) : cursor;
  }

  /** An id some steps further on or back; null where it is no number, or would be below 0. */
  shifted(id: string, by: bigint): string | null {
    const seq = this.#pattern?.exec(id)?.groups?.['seq'] ?? (/^\d{1,100}$/.test(id) ? id : null);
    if (seq === null || !/^\d{1,100}$/.test(seq)) return null;
    const next = BigInt(seq) + by;
    if (next < 0n) return null;
    const at = id.lastIndexOf(seq);
    return `${id.slice(0, at)}${next}${id.slice(at + seq.length)}`;
  }
}
