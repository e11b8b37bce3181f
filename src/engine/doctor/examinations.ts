import { METHOD_SCHEMES } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DoctorOrder } from '../../shared/doctor/order.ts';
import type { DoctorCost, DoctorProgress } from '../../shared/doctor/report.ts';
import { Failure } from '../../shared/failure.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import type { Random } from '../../shared/random.ts';
import { urlProblem } from '../../shared/target-check.ts';
import { Doctor } from './doctor.ts';
import type { DoctorOptions } from './options.ts';
import { publishToUrl } from './publish-to-url.ts';

/** Examinations that can still be asked about. */
const KEPT = 8;
/** At the same time: a page must not make the Doctor a flood. */
const MAX_RUNNING = 2;
/** How often whoever waits hears how it goes on. */
const TELL_MS = 500;

interface Running {
  doctor: Doctor;
  version: number;
  done: boolean;
  changed: PromiseWithResolvers<void>;
}

/** The examinations a page has asked for: each goes on by itself, and is asked how far it has come. */
export class Examinations {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #all = new Map<string, Running>();
  #count = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** What an examination would send at most. */
  budget(order: DoctorOrder, dialect: Dialect | null): DoctorCost {
    return new Doctor(this.#optionsOf(order, dialect)).budget;
  }

  /** @throws Failure `too-many-examinations` */
  start(order: DoctorOrder, dialect: Dialect | null): DoctorProgress {
    if ([...this.#all.values()].filter(({ done }) => !done).length >= MAX_RUNNING) {
      throw new Failure({
        code: 'too-many-examinations',
        message: 'Other examinations are still running.',
        hint: 'Stop one of them, or wait for its end.',
      });
    }
    const id = `doctor-${++this.#count}`;
    const doctor = new Doctor(this.#optionsOf(order, dialect));
    const running: Running = { doctor, version: 1, done: false, changed: Promise.withResolvers() };
    const change = (): void => {
      running.version++;
      running.changed.resolve();
      running.changed = Promise.withResolvers();
    };
    let cancel = this.#clock.after(TELL_MS, function again(this: void) {
      change();
      cancel = clock.after(TELL_MS, again);
    });
    const clock = this.#clock;
    this.#all.set(id, running);
    for (const old of [...this.#all.keys()].slice(0, -KEPT)) this.#all.delete(old);
    void doctor
      .run()
      .catch(() => undefined)
      .then(() => {
        cancel();
        running.done = true;
        change();
      });
    return this.#view(id, running);
  }

  /** How far it has come, once it has come further than this version. @throws Failure `unknown-examination` */
  async after({ id, version }: { id: string; version: number }): Promise<DoctorProgress> {
    const running = this.#get(id);
    while (!running.done && running.version <= version) await running.changed.promise;
    return this.#view(id, running);
  }

  /** Ends it with what is known. @throws Failure `unknown-examination` */
  stop(id: string): void {
    this.#get(id).doctor.stop();
  }

  close(): void {
    for (const { doctor } of this.#all.values()) doctor.stop();
  }

  #view(id: string, { doctor, version, done }: Running): DoctorProgress {
    return { id, version, ...doctor.progress(), done };
  }

  #get(id: string): Running {
    const running = this.#all.get(id);
    if (running) return running;
    throw new Failure({
      code: 'unknown-examination',
      message: 'This examination is no longer known.',
      hint: 'Begin another.',
    });
  }

  #optionsOf(order: DoctorOrder, dialect: Dialect | null): DoctorOptions {
    const { url, methods, headers, path, forMs, quietUpToMs, publishUrl, allow, only } = order;
    const problem = urlProblem('url', url, METHOD_SCHEMES.websocket);
    if (problem) throw new Failure({ code: 'bad-url', place: problem.field, ...problem });
    return {
      url,
      methods,
      dialect,
      headers,
      body: null,
      path,
      forMs,
      quietUpToMs: Math.min(quietUpToMs, forMs),
      publish: publishUrl === null ? null : publishToUrl(publishUrl, headers),
      allow,
      only,
      clock: this.#clock,
      random: this.#random.fork(`doctor-${this.#count}`),
    };
  }
}
