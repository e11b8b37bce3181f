import type { Clock } from '../../shared/clock.ts';
import type { Method } from '../../shared/catalog.ts';
import { Failure, messageOf } from '../../shared/failure.ts';
import type { Observation } from '../../shared/observation.ts';
import { SAMPLE_MESSAGES, type Sample } from '../../shared/sample.ts';

/** A run of one lane, as far as a sample has to do with it. */
export interface SampledRun {
  start(listen: (o: Observation) => void): Promise<void>;
  close(): Promise<void>;
}

/** Samples at the same time: a page must not make Heartline a flood. */
const MAX_RUNNING = 4;
/** Samples that can still be asked about. */
const KEPT = 8;
/** A sample that nobody has asked about for this long has been left. */
const LEFT_MS = 20_000;
/** The longest that one goes on: whoever wants more opens it in Live. */
const MAX_MS = 10 * 60_000;
const MAX_SAID = 20;
/** Of a long message, so much is shown. */
const MAX_DATA = 32 * 1024;

interface Listening {
  sample: Sample;
  run: SampledRun;
  changed: PromiseWithResolvers<void>;
  askedAt: number;
}

/** Endpoints that are listened to while they are set up: each goes on by itself, and is asked what it has heard. */
export class Samples {
  readonly #clock: Clock;
  readonly #all = new Map<string, Listening>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws Failure `too-many-samples`, and what keeps the run from being started */
  async start(method: Method, run: SampledRun): Promise<Sample> {
    if ([...this.#all.values()].filter(({ sample }) => !sample.done).length >= MAX_RUNNING) {
      throw new Failure({
        code: 'too-many-samples',
        message: 'Other endpoints are still being listened to.',
        hint: 'Stop one of them first.',
      });
    }
    const now = Math.round(this.#clock.now());
    const sample: Sample = {
      id: `sample-${++this.#count}`,
      method,
      version: 0,
      state: 'idle',
      since: now,
      now,
      said: [],
      messages: [],
      count: 0,
      done: false,
    };
    const listening: Listening = { sample, run, changed: Promise.withResolvers(), askedAt: now };
    this.#all.set(sample.id, listening);
    for (const id of [...this.#all.keys()].slice(0, -KEPT)) await this.stop({ id }).then(() => this.#all.delete(id));
    try {
      await run.start((o) => this.#observe(listening, o));
    } catch (error) {
      this.#all.delete(sample.id);
      await run.close();
      throw error;
    }
    void this.#watch(listening);
    return this.#copy(listening);
  }

  /** What it has heard, once that is more than this version. @throws Failure `unknown-sample` */
  async after({ id, version }: { id: string; version: number }): Promise<Sample> {
    const listening = this.#all.get(id);
    if (!listening) {
      throw new Failure({ code: 'unknown-sample', message: 'This sample is no longer known.', hint: 'Listen again.' });
    }
    const { sample } = listening;
    while (!sample.done && sample.version <= version) {
      listening.askedAt = Infinity; // somebody waits
      await listening.changed.promise;
    }
    listening.askedAt = this.#clock.now();
    return this.#copy(listening);
  }

  async stop({ id }: { id: string }): Promise<void> {
    const listening = this.#all.get(id);
    if (!listening || listening.sample.done) return;
    listening.sample.done = true;
    this.#change(listening);
    await listening.run.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all.keys()].map((id) => this.stop({ id })));
  }

  #observe(listening: Listening, o: Observation): void {
    const { sample } = listening;
    if (sample.done) return;
    switch (o.type) {
      case 'state':
        sample.state = o.to;
        sample.since = o.at;
        if (o.to === 'failed' || o.to === 'stopped') this.#say(sample, o.at, 'warn', o.reason);
        break;
      case 'event': {
        const { cursor, id, event, bytes, data = '' } = o;
        this.#add(sample, { at: o.at, kind: 'event', id, cursor, event, bytes, data: data.slice(0, MAX_DATA) });
        break;
      }
      case 'heartbeat':
        if (o.dir === 'out') return;
        this.#add(sample, { at: o.at, kind: 'heartbeat', id: null, cursor: null, event: null, bytes: 0, data: o.kind });
        break;
      case 'drop':
        this.#say(sample, o.at, 'error', `Ended: ${o.evidence}${o.reason === undefined ? '' : `, ${o.reason}`}`);
        break;
      case 'notice':
        this.#say(sample, o.at, o.level, `${o.message}${o.hint === undefined ? '' : ` ${o.hint}`}`);
        break;
      default:
        return;
    }
    this.#change(listening);
  }

  #add(sample: Sample, message: Omit<Sample['messages'][number], 'number'>): void {
    sample.count++;
    sample.messages.push({ number: sample.count, ...message });
    if (sample.messages.length > SAMPLE_MESSAGES) sample.messages.shift();
  }

  #say(sample: Sample, at: number, level: 'info' | 'warn' | 'error', text: string): void {
    sample.said.push({ at, level, text });
    if (sample.said.length > MAX_SAID) sample.said.shift();
  }

  #change(listening: Listening): void {
    listening.sample.version++;
    listening.changed.resolve();
    listening.changed = Promise.withResolvers();
  }

  /** Ends a sample that nobody asks about any more. */
  async #watch(listening: Listening): Promise<void> {
    const { sample } = listening;
    const began = this.#clock.now();
    while (!sample.done) {
      await this.#clock.sleep(1000);
      const now = this.#clock.now();
      const isLeft = now - listening.askedAt > LEFT_MS;
      if (!isLeft && now - began < MAX_MS) continue;
      await this.stop({ id: sample.id }).catch((error: unknown) => this.#say(sample, now, 'error', messageOf(error)));
    }
  }

  #copy({ sample }: Listening): Sample {
    return structuredClone({ ...sample, now: Math.round(this.#clock.now()) });
  }
}
