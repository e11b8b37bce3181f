import { onScopeDispose, shallowRef } from 'vue';
import { failureText } from '../../shared/failure.ts';
import { probeVerdict, type TargetProbe } from '../../shared/target-probe.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import { useLive } from './live.ts';
import { plural } from '../ui/format.ts';

/** A check of a target as it goes on; what it says is dropped once the form says something else. */
export function useTargetProbe() {
  const live = useLive();
  const probe = shallowRef<TargetProbe | null>(null);
  let current = 0;

  /** @returns why it could not go on; null when it ended, or was dropped */
  async function start(target: RemoteTarget): Promise<string | null> {
    const mine = ++current;
    let next = await live.call((api) => api.probeTarget(target));
    while (next && mine === current) {
      probe.value = next;
      if (next.done) return null;
      const { id, version } = next;
      next = await live.call((api) => api.probeProgress({ id, version }));
    }
    if (next || mine !== current) return null;
    const problem = live.problem;
    live.problem = null;
    probe.value = null;
    return problem ? failureText(problem) : null;
  }

  function drop(): void {
    current++;
    probe.value = null;
  }

  onScopeDispose(drop);
  return { probe, start, drop };
}

/** What a check comes to, in a few words. */
export function probeSummary({ done, methods }: TargetProbe): string {
  if (!done) return 'Checking …';
  const verdicts = methods.map(probeVerdict);
  const count = (of: string): number => verdicts.filter((v) => v === of).length;
  const [failed, unknown] = [count('failed'), count('unknown')];
  if (failed + unknown === 0) return methods.length === 1 ? 'It works' : `All ${methods.length} methods work`;
  const parts = [
    ...(failed > 0 ? [`${failed} of ${plural(methods.length, 'method')} failed`] : []),
    ...(unknown > 0 ? [`${unknown} not known yet`] : []),
  ];
  return parts.join(', ');
}
