import { ref, shallowRef, watch, type Ref } from 'vue';
import { failureData, type FailureData } from '../../../shared/failure.ts';
import type { PlacedProblem } from '../../../shared/scenario/problems.ts';
import { useLive } from '../../stores/live.ts';

/** How long typing must pause before the engine checks the text. */
const CHECK_DELAY_MS = 200;

/** The engine's word on a scenario's text, asked for as it is typed. */
export function useScenarioCheck(text: Ref<string>, failure: Ref<FailureData | null>) {
  const live = useLive();
  const problems = shallowRef<PlacedProblem[]>([]);
  /** The text the engine was asked about last; null: none yet. */
  const checked = ref<string | null>(null);

  watch(
    [text, () => live.api],
    (_, __, stop) => {
      const wait = checked.value === null ? 0 : CHECK_DELAY_MS;
      const timer = setTimeout(() => void check(), wait);
      stop(() => clearTimeout(timer));
    },
    { immediate: true },
  );

  async function check(): Promise<boolean> {
    const asked = text.value;
    if (!live.api) return false;
    try {
      const answer = await live.api.checkScenario({ text: asked });
      if (asked !== text.value) return false;
      problems.value = answer.problems;
      checked.value = asked;
      return answer.problems.length === 0;
    } catch (e) {
      failure.value = failureData(e);
      return false;
    }
  }

  function reset(): void {
    problems.value = [];
    checked.value = null;
  }

  return { problems, checked, check, reset };
}
