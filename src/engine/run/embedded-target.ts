import type { WorkloadSpec } from '../../shared/run-config.ts';
import type { Clock } from '../../shared/clock.ts';
import { formatCursor, type Bounds } from '../../shared/protocol/cursor.ts';
import { DEFAULTS } from '../../shared/defaults.ts';
import type { LogEvent } from '../../shared/protocol/events.ts';
import type { NoticeFact, ServerFact } from '../../shared/observation.ts';
import type { Random } from '../../shared/random.ts';
import type { Causes } from '../evidence/causes.ts';
import type { EventLog } from '../log/event-log.ts';
import { openLog } from '../log/index.ts';
import { EventServer } from '../server/event-server.ts';
import { TRANSPORTS } from '../transports/index.ts';
import type { ServerSettings } from '../server/broker/broker.ts';
import { eventNotTaken, workloadFailed, workloadTooSlow } from '../workloads/notices.ts';
import { startWorkload } from '../workloads/index.ts';

export interface EmbeddedTargetOptions {
  clock: Clock;
  random: Random;
  causes: Causes;
  channel: string;
  /** 0 for any. */
  port: number;
  host: string;
  /** As `--log` names it. */
  log: string;
  /** Events kept a channel; the default otherwise. */
  retain?: number;
  settings: Partial<ServerSettings>;
  onPublish: (event: LogEvent) => void;
  /** A workload could not go on. */
  onNotice: (notice: NoticeFact) => void;
}

/** The embedded target: a log, its server, and a workload that publishes into one channel. */
export class EmbeddedTarget {
  readonly server: EventServer;
  readonly #options: EmbeddedTargetOptions;
  readonly #log: EventLog;
  #workload: { stop(): void } | null = null;
  #lastBounds: Bounds | null = null;

  /** @throws Failure when the log cannot be opened, or the server cannot listen; nothing is left open */
  static async open(options: EmbeddedTargetOptions): Promise<EmbeddedTarget> {
    const { clock, random } = options;
    const retention = { ...DEFAULTS.retain, ...(options.retain === undefined ? {} : { count: options.retain }) };
    // the seed repeats a run but must not repeat an epoch: a cursor of an earlier run would then seem valid
    const life = random.fork(`log/${clock.now()}`);
    const log = await openLog(options.log, { clock, random: life, retention });
    try {
      await log.channel(options.channel).refresh(null);
      const target = new EmbeddedTarget(options, log);
      await target.server.listen();
      return target;
    } catch (error) {
      await log.close();
      throw error;
    }
  }

  private constructor(options: EmbeddedTargetOptions, log: EventLog) {
    const { clock, random, causes, channel, settings } = options;
    this.#options = options;
    this.#log = log;
    this.server = new EventServer({
      transports: TRANSPORTS,
      host: options.host,
      port: options.port,
      log: this.#log,
      clock,
      random: random.fork('server'),
      causes,
      settings: {
        heartbeatMs: DEFAULTS.heartbeatMs,
        holdMs: DEFAULTS.holdMs,
        holdCapMs: null,
        maxAgeMs: DEFAULTS.connectionAgeMs,
        advice: 'auto',
        cors: 'off',
        ...settings,
      },
    });
    this.server.onPublish((event, name) => {
      if (name === channel) options.onPublish(event);
    });
  }

  /** After the end, as they were then: the log is closed, and a page may still ask. */
  bounds(): Bounds {
    return this.#lastBounds ?? this.#log.channel(this.#options.channel).bounds();
  }

  async publish(event: { type: string; data: string; terminal?: boolean }): Promise<string> {
    return (await this.server.publish(this.#options.channel, event)).event.cursor;
  }

  startWorkload(spec: WorkloadSpec): void {
    const { channel, clock, random } = this.#options;
    this.#workload?.stop();
    // a log that survived a restart may hold a channel that ended in an earlier run
    if (this.bounds().ended) void this.server.loseLog();
    this.#workload = startWorkload(spec, {
      publish: (type, data, extra) => this.server.publish(channel, { type, data, ...extra }),
      end: () => this.#log.channel(channel).end(),
      signal: (data) => this.server.signal(channel, data),
      missed: (error) => this.#options.onNotice(eventNotTaken(spec.name, error)),
      failed: (error) => this.#options.onNotice(workloadFailed(spec.name, error)),
      tooSlow: (wanted, kept) => this.#options.onNotice(workloadTooSlow(spec.name, wanted, kept)),
      clock,
      random: random.fork(`workload/${spec.name}`),
    });
  }

  /** What the server holds just now. */
  serverFact(): ServerFact {
    const bounds = this.bounds();
    return {
      type: 'server',
      ...this.server.counters(),
      head: formatCursor(bounds.epoch, bounds.newest),
      floor: formatCursor(bounds.epoch, bounds.floor),
      retained: bounds.newest - bounds.floor,
    };
  }

  /** Nothing more is published; what was is still delivered. */
  stopWorkload(): void {
    this.#workload?.stop();
  }

  async close(): Promise<void> {
    this.#workload?.stop();
    await this.server.close();
    this.#lastBounds ??= this.bounds();
    await this.#log.close();
  }
}
