import type { ScenarioPlay } from '../../shared/api.ts';
import type { Observation } from '../../shared/observation.ts';
import type { Plan } from './plan.ts';
import { ScenarioPlayer, type PlayContext, type ScenarioResult } from './player.ts';

/** One scenario on its way through one run: its text, where it stands, and how it ends. */
export class Playback {
  readonly plan: Plan;
  /** Never rejects for what happens in the run. */
  readonly ended: Promise<ScenarioResult>;
  readonly #text: string;
  readonly #player: ScenarioPlayer;
  #begun = false;
  #resolveEnded: (result: Promise<ScenarioResult>) => void = () => {};

  constructor(plan: Plan, text: string) {
    this.plan = plan;
    this.#text = text;
    this.#player = new ScenarioPlayer(plan);
    this.ended = new Promise((resolve) => (this.#resolveEnded = resolve));
  }

  /** From the run's first observation on. */
  observe(o: Observation): void {
    this.#player.observe(o);
  }

  begin(context: PlayContext): void {
    this.#begun = true;
    this.#resolveEnded(this.#player.play(context));
  }

  get state(): ScenarioPlay {
    return { ...this.#player.state, text: this.#text };
  }

  get isPlaying(): boolean {
    return this.#player.state.endedAt === null;
  }

  /** Ends it before its time; resolves when what was expected has been checked. */
  async stop(): Promise<void> {
    this.#player.stop();
    if (this.#begun) await this.ended;
  }
}
