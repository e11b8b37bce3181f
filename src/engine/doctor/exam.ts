/** The examination of one method: what its experiments share. */
import type { Clock } from '../../shared/clock.ts';
import type { Random } from '../../shared/random.ts';
import { ask, type Answer, type Question } from './connection/ask.ts';
import type { Dialler } from './connection/dialler.ts';
import { Watched, type WatchOrder } from './connection/watched.ts';
import type { Ledger } from './ledger.ts';
import type { Material } from './material.ts';
import type { DoctorOptions } from './options.ts';

/** Words by which a server asks to be left alone. */
const LEAVE_ALONE = ['status:429', 'status:403'];

export interface ExamSetup {
  material: Material;
  options: DoctorOptions;
  ledger: Ledger;
  dialler: Dialler;
  clock: Clock;
  random: Random;
  /** Engine time by which all has to be over. */
  deadline: number;
  /** Aborted when the person has had enough. */
  signal: AbortSignal;
}

export class Exam {
  readonly m: Material;
  readonly o: DoctorOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly deadline: number;
  readonly ledger: Ledger;
  readonly dialler: Dialler;
  readonly signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #watched = new Set<Watched>();
  #count = 0;

  constructor(s: ExamSetup) {
    this.m = s.material;
    this.o = s.options;
    this.clock = s.clock;
    this.random = s.random;
    this.deadline = s.deadline;
    this.ledger = s.ledger;
    this.dialler = s.dialler;
    this.signal = this.#over.signal;
    if (s.signal.aborted) this.#over.abort();
    s.signal.addEventListener('abort', () => this.end(), { once: true });
  }

  /** Ms until it has to be over. */
  left(): number {
    return this.signal.aborted ? 0 : Math.max(0, this.deadline - this.clock.now());
  }

  /** Lets everything go: what is known is known. */
  end(): void {
    this.#over.abort();
    for (const w of this.#watched) w.stop();
  }

  /** @returns false when it was ended meanwhile */
  async rest(ms: number): Promise<boolean> {
    try {
      await this.clock.sleep(Math.min(ms, this.left()), this.signal);
      return this.left() > 0;
    } catch {
      return false;
    }
  }

  /** One more connection; null where there is neither budget nor time, or the server asked us to stop. */
  watch(name: string, more: Partial<WatchOrder> = {}): Watched | null {
    const { m } = this;
    if (this.signal.aborted || m.backedOff !== null || !this.ledger.take()) return null;
    const order = { method: m.method, url: m.url, dialect: m.dialect, headers: m.headers, body: this.o.body, ...more };
    const watched = new Watched(
      { name: `${name} ${++this.#count}`, ...order },
      {
        clock: this.clock,
        random: this.random.fork(`watch-${this.#count}`),
        ledger: this.ledger,
        dialler: this.dialler,
      },
    );
    this.#watched.add(watched);
    void watched.done.then(() => {
      this.#watched.delete(watched);
      const evidence = watched.end?.evidence ?? '';
      if (m.opened && LEAVE_ALONE.includes(evidence)) {
        m.backedOff ??= `It answered ${evidence.slice(7)} after ${this.#count} connections: nothing more was asked.`;
      }
    });
    return watched;
  }

  async ask(q: Omit<Question, 'signal'>): Promise<Answer | null> {
    if (this.signal.aborted || this.m.backedOff !== null) return null;
    const answer = await ask({ ...q, signal: this.signal }, this);
    const status = answer?.head?.status;
    if (this.m.opened && (status === 429 || status === 403)) {
      this.m.backedOff ??= `It answered ${status}: nothing more was asked.`;
    }
    return answer;
  }
}
