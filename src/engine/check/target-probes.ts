import type { Clock } from '../../shared/clock.ts';
import { METHODS } from '../../shared/catalog.ts';
import { Failure } from '../../shared/failure.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { KnownSecrets, secretsOf, shownUrl } from '../../shared/secrets.ts';
import { PROBE_STEPS, type MethodProbe, type TargetProbe } from '../../shared/target-probe.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { rosterOf } from '../run/lane-urls.ts';
import { RunEndpoint, type EndpointHost } from '../run/run-endpoint.ts';
import { isSecure, probeMethod, type ProbeOptions } from './probe-method.ts';
import { StepList } from './step-list.ts';

/** Checks that can still be asked about. */
const KEPT = 8;
/** Checks at the same time: a page must not make Heartline a flood. */
const MAX_RUNNING = 4;

type TargetProbesOptions = Pick<ProbeOptions, 'limits' | 'lookup' | 'tls'> & { host?: EndpointHost };

interface Running {
  probe: TargetProbe;
  changed: PromiseWithResolvers<void>;
}

/** The checks of targets: each goes on by itself, and is asked how far it has come. */
export class TargetProbes {
  readonly #clock: Clock;
  readonly #options: TargetProbesOptions;
  readonly #checks = new Map<string, Running>();
  readonly #over = new AbortController();
  #count = 0;

  constructor(clock: Clock, options: TargetProbesOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  /** Begins to check every method that has a URL. @throws Failure `no-lanes`, `too-many-checks`, `bad-tls` */
  start(target: RemoteTarget, dialect: Dialect, dialects: readonly Dialect[]): TargetProbe {
    if ([...this.#checks.values()].filter(({ probe }) => !probe.done).length >= MAX_RUNNING) {
      throw new Failure({
        code: 'too-many-checks',
        message: 'Other checks are still running.',
        hint: 'Each ends within a few seconds: try again then.',
      });
    }
    const lanes = METHODS.map((method) => ({ method }));
    const urls = rosterOf(lanes, target, dialect, target.base ?? '', target.channel).roster.lanes;
    const secrets = new KnownSecrets(secretsOf({ target, lanes: [] }));
    const redact = (text: string): string => secrets.redactor?.(text) ?? text;
    const endpoint = new RunEndpoint({
      ...this.#options.host,
      target,
      dialectHasToken: JSON.stringify(dialect).includes('{token'),
      clock: this.#clock,
      secrets,
      signal: this.#over.signal,
    });
    const probe: TargetProbe = { id: `check-${++this.#count}`, version: 0, done: false, methods: [] };
    const running: Running = { probe, changed: Promise.withResolvers() };
    const onChange = (): void => {
      probe.version++;
      running.changed.resolve();
      running.changed = Promise.withResolvers();
    };
    const all = urls.map(({ method, url }) => {
      const names = PROBE_STEPS.filter((name) => name !== 'tls' || isSecure(url));
      const steps = new StepList({ names, clock: this.#clock, redact, onChange });
      const one: MethodProbe = { method, url: redact(shownUrl(url)), steps: steps.steps, suggestedDialect: null };
      probe.methods.push(one);
      return () =>
        probeMethod({
          ...this.#options,
          method,
          url,
          endpoint,
          dialect,
          dialects,
          clock: this.#clock,
          steps,
          signal: this.#over.signal,
          suggest: (other) => (one.suggestedDialect = other.name),
        });
    });
    this.#checks.set(probe.id, running);
    for (const id of [...this.#checks.keys()].slice(0, -KEPT)) this.#checks.delete(id);
    void Promise.all(all.map((run) => run())).then(() => {
      probe.done = true;
      onChange();
    });
    return structuredClone(probe);
  }

  close(): void {
    this.#over.abort();
  }

  /** How far it has come, once it has come further than this version. @throws Failure `unknown-check` */
  async after({ id, version }: { id: string; version: number }): Promise<TargetProbe> {
    const running = this.#checks.get(id);
    if (!running) {
      throw new Failure({ code: 'unknown-check', message: 'This check is no longer known.', hint: 'Check again.' });
    }
    while (!running.probe.done && running.probe.version <= version) await running.changed.promise;
    return structuredClone(running.probe);
  }
}
