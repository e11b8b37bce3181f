import type { EngineApi } from '../shared/api.ts';
import type { Clock } from '../shared/clock.ts';
import { Failure } from '../shared/failure.ts';
import type { Observation } from '../shared/observation.ts';
import { redactObservation } from '../shared/redact.ts';
import type { RunConfig } from '../shared/run-config.ts';
import { KnownSecrets, secretsOf } from '../shared/secrets.ts';
import type { RemoteTarget, Target } from '../shared/target.ts';
import { secretsNamed } from '../shared/endpoint/seal.ts';
import { checkRunConfig } from './config-check.ts';
import { knownDialects } from './engine-info.ts';
import type { LabOptions } from './lab-options.ts';
import { Run } from './run/run.ts';
import type { Playback } from './scenario/playback.ts';
import type { ServerSettings } from './server/broker/broker.ts';
import { realClock } from './time/clock.ts';
import type { Stall } from './time/stall-watch.ts';

/** What a run is started with beside its configuration. */
export interface RunSetup {
  log: string;
  server: Partial<ServerSettings>;
  /** The scenario that is played on it. */
  playback: Playback | null;
}

/** The place for the one run there is: started, replaced by another, closed; one change at a time. */
export class RunSlot {
  readonly #options: LabOptions;
  readonly #observe: (o: Observation) => void;
  #run: Run | null = null;
  #playback: Playback | null = null;
  #serverPort: number;
  #lastChange: Promise<void> = Promise.resolve();
  #closed = false;
  #secrets = new KnownSecrets();

  /** @param observe called with every observation of every run, without what a person gave as a secret */
  readonly #stall: (clock: Clock) => Stall | null;
  readonly #savedPathName: (via: readonly string[]) => string | null;
  readonly #filled: (target: RemoteTarget) => RemoteTarget;
  /** What the run was given to follow, its secrets still the names they are kept by. */
  #target: Target = { kind: 'embedded' };

  constructor(
    options: LabOptions,
    observe: (o: Observation) => void,
    savedPathName: (via: readonly string[]) => string | null,
    stall: (clock: Clock) => Stall | null,
    filled: (target: RemoteTarget) => RemoteTarget,
  ) {
    this.#options = options;
    this.#savedPathName = savedPathName;
    this.#stall = stall;
    this.#filled = filled;
    this.#observe = observe;
    this.#serverPort = options.serverPort ?? 0;
  }

  /** A run that has ended can still be asked what it came to. @throws Failure `no-run` before the first one */
  get run(): Run {
    if (this.#run) return this.#run;
    throw new Failure({ code: 'no-run', message: 'The run is just being changed.', hint: 'Try again in a moment.' });
  }

  /** The run, to change something in it. @throws Failure `no-run` when there is none any more */
  get openRun(): Run {
    if (!this.#closed) return this.run;
    throw new Failure({ code: 'no-run', message: 'Heartline is being ended.', hint: 'Start it again.' });
  }

  /** For the runs to come. @param port 0 for any free one */
  usePort(port: number): void {
    this.#serverPort = port;
  }

  get started(): Run | null {
    return this.#run;
  }

  /** What the run goes by, as it may be shown: no secret that is kept stands in it. */
  get config(): RunConfig {
    return { ...this.openRun.config, target: this.#target };
  }

  shown(config: RunConfig): RunConfig {
    return { ...config, target: this.#target };
  }

  /** The scenario that this run plays, or played. */
  get playback(): Playback | null {
    return this.#playback;
  }

  /** Without the values that a person gave with the target: headers, user info, keys in URLs. */
  redact(o: Observation): Observation {
    const { redactor } = this.#secrets;
    return redactor ? redactObservation(o, redactor) : o;
  }

  /** A lane that joins the run may bring some of its own. */
  learnSecrets(of: Pick<RunConfig, 'target' | 'lanes'>): void {
    this.#secrets.give([...secretsOf(of), ...this.#keptIn(this.#target)]);
  }

  redactText(text: string): string {
    return this.#secrets.redactor?.(text) ?? text;
  }

  /** What a run has unless a scenario says otherwise. */
  get defaultSetup(): RunSetup {
    return { log: this.#options.log ?? 'memory', server: this.#options.serverSettings ?? {}, playback: null };
  }

  /** Changes follow each other; each sees what the one before has left. */
  inOrder<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#lastChange.then(change);
    this.#lastChange = next.then(
      () => undefined,
      () => undefined,
    );
    return next;
  }

  /**
   * Ends the run there is and starts this one; where it cannot be had, the run before is started again.
   * @param between done when the one has ended and the other has not begun
   */
  async replace(config: RunConfig, setup: RunSetup, engine: EngineApi, between: () => Promise<void>): Promise<void> {
    const previous = this.#run;
    const before = previous && this.shown(previous.config);
    await this.#end();
    await between();
    try {
      await this.#start(config, setup, engine);
    } catch (error) {
      if (before) await this.#start(before, this.defaultSetup, engine);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#lastChange;
    this.#closed = true;
    await this.#end();
  }

  /** @throws Failure with the first thing that keeps a run from being started so */
  check(config: RunConfig): void {
    checkRunConfig(config, knownDialects(this.#options.dialect));
  }

  async #end(): Promise<void> {
    await this.#playback?.stop();
    await this.#run?.close();
  }

  /**
   * A run of its own, beside the one there is: without a path, and its observations without a secret.
   * @throws Failure with the first thing that keeps it from being started
   */
  aside(given: RunConfig): { start(listen: (o: Observation) => void): Promise<void>; close(): Promise<void> } {
    const config = this.#resolved(given);
    const secrets = this.#secretsIn(given, config);
    const clock = (this.#options.clock ?? realClock)(1);
    const run = this.#make(config, clock, secrets, { log: 'memory', server: {} }, { direct: true, wire: false });
    return {
      start: (listen) => run.start((o) => listen(redactObservation(o, secrets.redactor))),
      close: () => run.close(),
    };
  }

  /** As it is asked: checked before its templates are filled, and after. */
  #resolved(given: RunConfig): RunConfig {
    this.check(given);
    if (given.target.kind === 'embedded') return given;
    const config = { ...given, target: this.#filled(given.target) };
    this.check(config);
    return config;
  }

  /** What is taken out of all that is said: what stands in the target, and what was put into its templates. */
  #secretsIn(given: RunConfig, config: RunConfig): KnownSecrets {
    return new KnownSecrets([...secretsOf(config), ...this.#keptIn(given.target)]);
  }

  #keptIn(target: Target): string[] {
    return secretsNamed(target).flatMap((name) => this.#options.endpointHost?.secretOf?.(name) ?? []);
  }

  #make(
    config: RunConfig,
    clock: Clock,
    secrets: KnownSecrets,
    { log, server }: Pick<RunSetup, 'log' | 'server'>,
    how: { direct: boolean; wire: boolean },
  ): Run {
    const { dialect, version, serverHost, endpointHost = {} } = this.#options;
    return new Run(config, {
      ...endpointHost,
      secrets,
      version,
      clock,
      serverPort: this.#serverPort,
      serverHost: serverHost ?? '127.0.0.1',
      log,
      server,
      ...(dialect && config.target.kind === 'remote' && config.target.dialect === dialect.name ? { dialect } : {}),
      ...how,
      savedPathName: this.#savedPathName,
      stall: this.#stall,
    });
  }

  async #start(given: RunConfig, { log, server, playback }: RunSetup, engine: EngineApi): Promise<void> {
    const config = this.#resolved(given);
    const { target } = given;
    const { direct = false, host, wire = host !== 'cli' } = this.#options;
    const clock = (this.#options.clock ?? realClock)(config.timeScale);
    const secrets = this.#secretsIn(given, config);
    const run = this.#make(config, clock, secrets, { log, server }, { direct, wire });
    this.#playback = playback;
    try {
      await run.start((o) => {
        if (o.type === 'run') {
          // from its first observation on, this is the current run
          this.#run = run;
          this.#target = structuredClone(target);
          this.#secrets = secrets;
        }
        playback?.observe(o);
        this.#observe(this.redact(o));
      });
    } catch (error) {
      this.#playback = null;
      throw error;
    }
    // the page's policy names exactly this port: the next run has it again
    this.#serverPort = run.serverPort ?? this.#serverPort;
    playback?.begin({
      engine,
      clock,
      snapshot: () => run.snapshot(),
      serverView: () => run.serverView(),
      note: (fact) => void run.journal.note(null, fact),
    });
  }
}
