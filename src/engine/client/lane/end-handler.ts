import type { Method } from '../../../shared/catalog.ts';
import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Fact } from '../../../shared/observation.ts';
import type { Random } from '../../../shared/random.ts';
import { sentence } from '../connection/sentence.ts';
import type { EndedSignal } from '../connection/signal.ts';
import type { CloseReport } from '../net/network.ts';
import { backoffDelay, type BackoffKind } from './backoff.ts';
import { correctedEnd, dropFact, endedFact, waitReason } from './drop.ts';
import type { LaneState } from './lane-state.ts';
import { askedCursor, type LaneProgress } from './progress.ts';

interface EndHandlerOptions {
  method: Method;
  settings: Readonly<{ backoff: BackoffKind }>;
  progress: LaneProgress;
  state: LaneState;
  clock: Clock;
  random: Random;
  note: (fact: Fact) => void;
  /** What the path does, where it lets nothing of this method through. */
  blockedBy?: (() => string | null) | undefined;
}

const NO_RETRY_HINT = 'The lane does not come back by itself; start it again once the cause is mended.';

/** Moves a lane on after a connection ended: to `failed`, or through `dropped` to a wait before the next attempt. */
export class EndHandler {
  readonly #options: EndHandlerOptions;

  constructor(options: EndHandlerOptions) {
    this.#options = options;
  }

  /** @returns how long to wait before dialling again, ms; null: not at all */
  handle(seen: EndedSignal, report: CloseReport): number | null {
    const { progress, state, clock, note } = this.#options;
    const end = correctedEnd(seen, report);
    const age = this.#age(report);
    const drop = dropFact(end, report, age, clock.now());
    const ended = endedFact(end, age);
    if (ended) note(ended);
    this.#resetBackoff();
    if (end.final) {
      if (!end.announced && progress.openedAt !== null) note(drop);
      this.#fail(end);
      return null;
    }
    if (!end.announced) {
      note(drop);
      const reason = report.known?.cause === 'offline' ? 'offline' : 'dropped';
      state.transition('dropped', reason, { evidence: end.evidence });
    }
    return this.#planRetry(end);
  }

  /** How long the connection stood: a stream from its first answer on, a poller's from its socket on. */
  #age({ connectedAt }: CloseReport): number | null {
    const { progress, clock } = this.#options;
    const since = (this.#isStream ? progress.openedAt : null) ?? connectedAt;
    return since === null ? null : Math.max(0, Math.round(clock.now() - since));
  }

  get #isStream(): boolean {
    return this.#options.method === 'sse' || this.#options.method === 'websocket';
  }

  /** A stream proves itself by its age; a poll says so itself. */
  #resetBackoff(): void {
    const { progress, clock } = this.#options;
    if (progress.openedAt === null || !this.#isStream) return;
    if (clock.now() - progress.openedAt >= DEFAULTS.backoff.resetAfterMs) progress.attempt = 0;
  }

  #fail(end: EndedSignal): void {
    const { evidence } = end;
    if (end.why !== 'ended' && end.notice !== null) {
      const message = sentence(end.detail ?? `the server ended it with ${evidence}`);
      const { code = end.why ?? 'failed', hint: usual = NO_RETRY_HINT } = end.notice ?? {};
      // what the lane's own path is known to do outranks what might be the matter
      const hint = (this.#options.progress.openedAt === null && this.#options.blockedBy?.()) || usual;
      this.#options.note({ type: 'notice', level: 'error', code, message, ...(hint === '' ? {} : { hint }) });
    }
    if (end.terminal) this.#options.state.transition('stopped', 'ended', { evidence });
    else this.#options.state.transition('failed', end.why ?? 'refused-by-server', { evidence });
  }

  #planRetry(end: EndedSignal): number {
    const { settings, progress, state, clock, random, note } = this.#options;
    const advice = Math.max(end.retryMs ?? 0, progress.retryHintMs ?? 0);
    const delay = end.atOnce ? 0 : backoffDelay(settings.backoff, progress.attempt, advice, random);
    const until = Math.round(clock.now() + delay);
    state.transition('waiting', waitReason(end), end.announced ? { until, evidence: end.evidence } : { until });
    progress.attempt++;
    const rule = end.rule === undefined ? {} : { rule: end.rule };
    note({ type: 'reconnect', attempt: progress.attempt, delay, cursor: askedCursor(progress), ...rule });
    return delay;
  }
}
