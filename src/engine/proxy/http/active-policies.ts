import type { AppliedStep } from '../tcp/pipeline.ts';
import { isPolicy } from './policy.ts';
import type { Attribution, ErrorPage, Exchange, PolicyHooks, RequestFailure, UpstreamFailure } from './policy.ts';
import type { AbortPropagation, UpstreamOptions } from './policy.ts';
import type { Cancel } from '../../../shared/clock.ts';

/** One policy, as it is set for this connection. */
export interface ActivePolicy {
  step: AppliedStep;
  hooks: PolicyHooks;
}

export const policiesOf = (steps: readonly AppliedStep[]): ActivePolicy[] =>
  steps.flatMap((step) => (isPolicy(step.fault) ? [{ step, hooks: step.fault.http }] : []));

/** The policies that one exchange meets, nearest the client first, and what they say together. */
export class ActivePolicies {
  readonly list: readonly ActivePolicy[];
  #x: Exchange;

  constructor(x: Exchange, list: readonly ActivePolicy[]) {
    this.#x = x;
    this.list = list;
  }

  /** Calls each of them, as long as the exchange goes on. */
  each(call: (policy: ActivePolicy) => void): void {
    for (const policy of this.list) {
      if (this.#x.phase === 'over') return;
      call(policy);
    }
  }

  stepOf(id: string | undefined): AppliedStep | null {
    return this.list.find(({ step }) => step.fault.definition.id === id)?.step ?? null;
  }

  /** Equal steps have keys of their own. */
  keyOf(params: object): string {
    return this.list.find(({ step }) => step.params === params)?.step.key ?? '';
  }

  get mayRetry(): boolean {
    return this.list.some(({ hooks }) => hooks.shouldRetry);
  }

  shouldRetry(attempts: number, why: RequestFailure): boolean {
    return this.list.some(({ step, hooks }) => hooks.shouldRetry?.(this.#x, step.params, attempts, why));
  }

  upstreamOptions(): UpstreamOptions {
    for (const { step, hooks } of this.list) if (hooks.upstreamOptions) return hooks.upstreamOptions(step.params);
    return { version: '1.1', reuse: true };
  }

  clientAbort(how: 'fin' | 'rst'): { when: AbortPropagation; as: 'fin' | 'rst' } {
    for (const { step, hooks } of this.list) {
      const abort = hooks.clientAbort?.(this.#x, how, step.params);
      if (abort) return abort;
    }
    return { when: 'at-once', as: 'fin' };
  }

  /** Whether one of them has dealt with it. */
  keptConnectionClosed(): boolean {
    return this.list.some(({ step, hooks }) => hooks.keptConnectionClosed?.(this.#x, step.params));
  }

  /** Whether one of them has dealt with it. */
  upstreamClosed(how: UpstreamFailure): boolean {
    return this.list.some(({ step, hooks }) => hooks.upstreamClosed?.(this.#x, how, step.params));
  }

  errorPage(status: number, failure: RequestFailure, reasonPhrase: string): ErrorPage | null {
    for (const { step, hooks } of this.list)
      if (hooks.errorPage) return hooks.errorPage(step.params, status, failure, reasonPhrase);
    return null;
  }

  /** The shortest of the limits for idle client connections; null when there is none. */
  keepAliveMs(after: 'origin' | 'proxy'): number | null {
    let least: number | null = null;
    for (const { step, hooks } of this.list) {
      const ms = hooks.keepAliveMs?.(step.params, after, this.#x) ?? null;
      if (ms !== null && (least === null || ms < least)) least = ms;
    }
    return least;
  }

  /** Timers that run until the next request. */
  idle(close: (why: Omit<Attribution, 'by'>, step: AppliedStep) => void): Cancel[] {
    const timers: Cancel[] = [];
    for (const { step, hooks } of this.list) {
      const timer = hooks.idle?.(this.#x, step.params, (why) => close(why, step));
      if (timer) timers.push(timer);
    }
    return timers;
  }
}
