import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, triggerRef } from 'vue';
import type { FeedBatch, LabSnapshot } from '../../shared/api.ts';
import type { WorkloadSpec } from '../../shared/run-config.ts';
import type { Connect } from '../connection/connection.ts';
import { everyFrame } from '../ui/frame.ts';
import { EngineClock } from '../connection/engine-clock.ts';
import { RunModel } from '../model/run-model.ts';
import { useEngineLink } from './engine-link.ts';
import { useRunState } from './run-state.ts';

/** How often words and figures are renewed; the ribbon moves every frame. */
const TICK_EVERY_MS = 100;
const FIGURES_EVERY_MS = 250;
/** A hidden page gets no frames: apply batches early once this many observations wait. */
const MAX_PENDING = 5000;

/**
 * The run as it is now. Batches are taken at once and folded once a frame into plain data; `tick` and `figures` tell
 * components when to look again, so that ten thousand facts a second cost the page ten looks.
 */
export const useLive = defineStore('live', () => {
  const run = shallowRef<RunModel | null>(null);
  const asleepUntil = ref<number | null>(null);
  const frozenAt = ref<number | null>(null);
  const tick = ref(0);
  const figures = ref(0);
  const { link, lostReason, retryAt, api, info, problem, ...engine } = useEngineLink(
    { snapshot: takeSnapshot, batch: takeBatch },
    onLinkClosed,
  );
  const { restore, apply, updateRecording, ...state } = useRunState();
  const { config, recording, lastRecording } = state;

  const clock = new EngineClock();
  let pendingBatches: FeedBatch[] = [];
  let pendingCount = 0;
  let tickedAt = 0;
  let figuresAt = 0;
  let stopFrames: (() => void) | null = null;
  /** Where the ribbon stands since the engine was lost. */
  let lostAt: number | null = null;

  /** Engine time now, or where the engine was lost: what states, countdowns and figures are told at. */
  function now(): number {
    if (link.value !== 'live' && run.value) return lostAt ?? run.value.latest;
    return clock.now();
  }

  /** Engine time at the right end of the ribbons: now, or where the view was frozen. */
  const viewTime = (): number => frozenAt.value ?? now();

  function takeSnapshot(snapshot: LabSnapshot): void {
    pendingBatches = [];
    pendingCount = 0;
    clock.reset(snapshot.now, snapshot.config.timeScale);
    const shown = run.value;
    const same = shown !== null && shown.startedAt === snapshot.runStartedAt && shown.n <= snapshot.n;
    if (same) shown.applySnapshot(snapshot);
    else run.value = markRaw(new RunModel(snapshot));
    restore(snapshot, same);
    asleepUntil.value = snapshot.asleepUntil;
    if (!same) frozenAt.value = null;
    engine.onLive();
    if (same) triggerRef(run);
    figures.value++;
    tick.value++;
  }

  function takeBatch(batch: FeedBatch): void {
    clock.sync(batch.now);
    pendingBatches.push(batch);
    pendingCount += batch.observations.length;
    if (pendingCount > MAX_PENDING) applyPending();
  }

  function applyPending(): void {
    if (pendingBatches.length === 0) return;
    const batches = pendingBatches;
    pendingBatches = [];
    pendingCount = 0;
    const shown = run.value;
    if (!shown) return;
    const lanesBefore = shown.lanes;
    for (const batch of batches) {
      for (const o of batch.observations) {
        shown.applyObservation(o);
        apply(o);
      }
      updateRecording(batch);
      shown.latest = Math.max(shown.latest, batch.now);
    }
    if (shown.lanes !== lanesBefore) triggerRef(run);
  }

  /** When the clients wake; null unless every lane that runs is asleep. */
  function wakeTime(): number | null {
    const running = run.value?.lanes.filter((l) => l.state !== 'stopped' && l.state !== 'failed') ?? [];
    if (running.length === 0 || running.some((l) => l.state !== 'asleep')) return null;
    return Math.max(...running.map((l) => l.until ?? 0));
  }

  function frame(at: number): void {
    applyPending();
    if (at - tickedAt >= TICK_EVERY_MS) {
      tickedAt = at;
      asleepUntil.value = wakeTime();
      tick.value++;
    }
    if (at - figuresAt >= FIGURES_EVERY_MS) {
      figuresAt = at;
      figures.value++;
    }
  }

  function onLinkClosed(): 'lost' | 'connecting' {
    applyPending();
    if (link.value === 'live') lostAt = clock.now();
    return run.value ? 'lost' : 'connecting';
  }

  function follow(connect: Connect): Promise<void> {
    stopFrames ??= everyFrame(frame);
    return engine.follow(connect);
  }

  /** Name of the recording that is shown instead of the engine's run. */
  const shownRecording = ref<string | null>(null);
  function showRecording(name: string, connect: Connect): void {
    shownRecording.value = name;
    engine.followInstead(connect);
  }
  function leaveRecording(): void {
    shownRecording.value = null;
    engine.followInstead(null);
  }

  function dispose(): void {
    stopFrames?.();
    stopFrames = null;
    engine.close();
  }

  function toggleFreeze(): void {
    frozenAt.value = frozenAt.value === null ? viewTime() : null;
  }

  function setWorkload(workload: WorkloadSpec): void {
    if (config.value) config.value = { ...config.value, workload };
  }
  /** Sets the recording state after a call; batches received before the answer are applied first. */
  function setRecording(now: LabSnapshot['recording']): void {
    applyPending();
    recording.value = now;
    if (now) lastRecording.value = null;
  }

  const embedded = computed(() => config.value?.target.kind === 'embedded');

  return {
    link,
    lostReason,
    retryAt,
    api,
    info,
    problem,
    call: engine.call,
    run,
    ...state,
    embedded,
    asleepUntil,
    frozenAt,
    tick,
    figures,
    now,
    viewTime,
    takeSnapshot,
    takeBatch,
    applyPending,
    follow,
    shownRecording,
    showRecording,
    leaveRecording,
    dispose,
    toggleFreeze,
    setRecording,
    setWorkload,
  };
});
