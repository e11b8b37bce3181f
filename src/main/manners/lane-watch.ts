import { METHOD_LABEL } from '../../shared/catalog.ts';
import type { Observation } from '../../shared/observation.ts';
import type { Tellable } from '../../shared/shell.ts';

/** What a person may be told of, in a sentence. */
export interface Telling {
  what: Tellable;
  text: string;
}

/** Which lanes are down, and what came last, for whoever does not look at the page. */
export class LaneWatch {
  readonly #names = new Map<string, string>();
  /** Lanes that dropped and are not open again. */
  readonly #down = new Set<string>();
  #lastDrop: string | null = null;

  /** @returns what this one is worth telling; null for most */
  take(o: Observation): Telling | null {
    if (o.type === 'run') {
      this.#names.clear();
      this.#down.clear();
      this.#lastDrop = null;
      for (const lane of o.lanes) this.#names.set(lane.id, lane.name ?? METHOD_LABEL[lane.method]);
      return null;
    }
    const { lane } = o;
    if (lane === null) return null;
    const name = this.#names.get(lane) ?? lane;
    switch (o.type) {
      case 'lane':
        if (o.action === 'remove') this.#forget(lane);
        else this.#names.set(lane, o.name ?? METHOD_LABEL[o.method]);
        return null;
      case 'drop':
        this.#down.add(lane);
        this.#lastDrop = `${name} dropped: ${o.detail ?? o.evidence}`;
        return { what: 'drops', text: this.#lastDrop };
      case 'gap': {
        const events = o.missed === null ? 'an unknown number of events' : `${o.missed} events`;
        return { what: 'gaps', text: `${name} has missed ${events}` };
      }
      case 'state':
        if (o.to === 'stopped') this.#down.delete(lane);
        return o.to === 'open' && this.#down.delete(lane) ? { what: 'recovered', text: `${name} is open again` } : null;
      default:
        return null;
    }
  }

  get lanes(): number {
    return this.#names.size;
  }
  get down(): number {
    return this.#down.size;
  }
  /** The last drop of this run in a sentence; null when there was none. */
  get lastDrop(): string | null {
    return this.#lastDrop;
  }
  /** In a few words. */
  get state(): string {
    if (this.lanes === 0) return 'No lanes';
    return this.down === 0
      ? 'No lane is down'
      : `${this.down} of ${this.lanes} lanes ${this.down === 1 ? 'is' : 'are'} down`;
  }

  #forget(lane: string): void {
    this.#names.delete(lane);
    this.#down.delete(lane);
  }
}
