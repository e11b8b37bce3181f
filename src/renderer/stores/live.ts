import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, triggerRef } from 'vue';
import type { EngineApi, EngineInfo, FeedBatch, LabSnapshot, ScenarioPlay } from '../../shared/api.ts';
import type { RunConfig, WorkloadSpec } from '../../shared/run-config.ts';
import { failureData, type FailureData } from '../../shared/failure.ts';
import type { Observation, ScenarioFact, SettingFact } from '../../shared/observation.ts';
import type { Connect, EngineConnection } from '../connection/connect.ts';
import { everyFrame } from '../ui/frame.ts';
import { EngineClock } from '../connection/engine-clock.ts';
import type { DropMark } from '../model/lane-marks.ts';
import { RunModel } from '../model/run-model.ts';

export type LinkState = 'connecting' | 'live' | 'lost';

/** How often words and figures are renewed; the ribbon moves every frame. */
const TICK_EVERY_MS = 100;
const FIGURES_EVERY_MS = 250;
/** A hidden page gets no frames: apply batches early once this many observations wait. */
const MAX_PENDING = 5000;
const RETRY_MS = [500, 1000, 2000, 3000];

/**
 * The run as it is now. Batches are taken at once and folded once a frame into plain data; `tick` and `figures` tell
 * components when to look again, so that ten thousand facts a second cost the page ten looks.
 */
export const useLive = defineStore('live', () => {
  const link = ref<LinkState>('connecting');
  const lostReason = ref('');
  const retryAt = ref<number | null>(null);
  const api = shallowRef<EngineApi | null>(null);
  const info = shallowRef<EngineInfo | null>(null);
  const run = shallowRef<RunModel | null>(null);
  const config = shallowRef<RunConfig | null>(null);
  const serverUrl = ref<string | null>(null);
  const serverEpoch = ref<string | null>(null);
  const serverHead = ref<string | null>(null);
  const offline = ref(false);
  const asleepUntil = ref<number | null>(null);
  const pongs = ref(true);
  const recording = shallowRef<LabSnapshot['recording']>(null);
  /** The scenario that this run plays or played; null when it was not started by one. */
  const scenario = shallowRef<ScenarioPlay | null>(null);
  /** The file of the last recording that was stopped, until it is dismissed. */
  const lastRecording = shallowRef<{ file: string; bytes: number } | null>(null);
  /** Connections that were opened before an intermediary stood on the path go on past it. */
  const bypassed = ref(false);
  /** The last drop, for those who listen instead of looking. */
  const lastDrop = shallowRef<DropMark | null>(null);
  /** Why the last call failed; null when it did not. */
  const problem = shallowRef<FailureData | null>(null);
  const frozenAt = ref<number | null>(null);
  const tick = ref(0);
  const figures = ref(0);

  const clock = new EngineClock();
  let pendingBatches: FeedBatch[] = [];
  let pendingCount = 0;
  let connection: EngineConnection | null = null;
  let tickedAt = 0;
  let figuresAt = 0;
  let stopFrames: (() => void) | null = null;
  let disposed = false;
  /** Where the ribbon stands since the engine was lost. */
  let lostAt: number | null = null;

  /** Engine time to draw at: now, or where the view was frozen, or where the engine was lost. */
  function viewTime(): number {
    if (frozenAt.value !== null) return frozenAt.value;
    if (link.value !== 'live' && run.value) return lostAt ?? run.value.latest;
    return clock.now();
  }

  function takeSnapshot(snapshot: LabSnapshot): void {
    pendingBatches = [];
    pendingCount = 0;
    clock.reset(snapshot.now, snapshot.config.timeScale);
    const same = run.value && run.value.startedAt === snapshot.runStartedAt && run.value.n <= snapshot.n;
    if (same) run.value!.applySnapshot(snapshot);
    else run.value = markRaw(new RunModel(snapshot));
    config.value = snapshot.config;
    serverUrl.value = snapshot.server.url;
    serverEpoch.value = snapshot.server.epoch;
    serverHead.value = snapshot.server.head;
    offline.value = snapshot.offline;
    asleepUntil.value = snapshot.asleepUntil;
    pongs.value = snapshot.pongs;
    recording.value = snapshot.recording;
    scenario.value = snapshot.scenario;
    if (!same) {
      frozenAt.value = null;
      bypassed.value = false; // a new run opens all of its connections on the path as it is
      for (const o of snapshot.recent) updateBypassed(o); // a page that comes later
    }
    link.value = 'live';
    lostReason.value = '';
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
    const track = run.value;
    if (!track) return;
    for (const batch of batches) {
      for (const o of batch.observations) {
        track.applyObservation(o);
        applyFact(o);
      }
      takeRecording(batch);
      track.latest = Math.max(track.latest, batch.now);
    }
  }

  /** Another page, or a full disk, may begin and end a recording as well. */
  function takeRecording({ recordingBytes: bytes, now }: FeedBatch): void {
    const had = recording.value;
    if (bytes === undefined) {
      if (had && had.bytes > 0) {
        recording.value = null;
        if (had.file !== '') lastRecording.value = { file: had.file, bytes: had.bytes };
      }
    } else if (had?.bytes !== bytes) recording.value = { ...(had ?? { file: '', since: now }), bytes };
  }

  /** Updates the store's own fields from an observation. */
  function applyFact(o: Observation): void {
    switch (o.type) {
      case 'drop':
        lastDrop.value = o;
        break;
      case 'server':
        serverHead.value = o.head;
        serverEpoch.value = o.head.split('.')[0] ?? null;
        break;
      case 'publish':
        if (o.cursor !== null && config.value?.target.kind === 'embedded') serverHead.value = o.cursor;
        break;
      case 'setting':
        applySetting(o);
        break;
      case 'scenario':
        applyScenario(o);
        break;
      case 'path':
        if (config.value) config.value = { ...config.value, via: o.via };
        break;
      default:
    }
    updateBypassed(o);
  }

  /** The engine repeats the notice with every path for which it holds. */
  function updateBypassed(o: Observation): void {
    if (o.type === 'notice' && o.code === 'next-connections') bypassed.value = true;
    else if (o.type === 'path' || (o.type === 'setting' && o.name === 'cut-all')) bypassed.value = false;
  }

  function applyScenario(o: Observation & ScenarioFact): void {
    const fresh = { name: o.name, text: '', beganAt: null, endedAt: null, stopped: false, checks: null };
    const now = { ...(scenario.value ?? fresh), durationMs: o.duration };
    if (o.phase === 'begin') scenario.value = { ...now, beganAt: o.at };
    else scenario.value = { ...now, endedAt: o.at, stopped: o.stopped ?? false, checks: o.checks ?? [] };
  }

  /** When the clients wake; null unless every lane that runs is asleep. */
  function wakeTime(): number | null {
    const running = run.value?.lanes.filter((l) => l.state !== 'stopped' && l.state !== 'failed') ?? [];
    if (running.length === 0 || running.some((l) => l.state !== 'asleep')) return null;
    return Math.max(...running.map((l) => l.until ?? 0));
  }

  function applySetting(o: SettingFact): void {
    switch (o.set?.name) {
      case 'offline':
        offline.value = o.set.offline;
        break;
      case 'pongs':
        pongs.value = o.set.answered;
        break;
      case 'heartbeat':
        if (config.value) config.value = { ...config.value, heartbeatMs: o.set.everyMs };
        break;
      default:
    }
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

  /** Connects to the engine and reconnects until disposed. */
  async function follow(connect: Connect): Promise<void> {
    stopFrames ??= everyFrame(frame);
    let attempt = 0;
    while (!disposed) {
      const closed = Promise.withResolvers<string>();
      try {
        connection = await connect({
          snapshot: takeSnapshot,
          batch: takeBatch,
          closed: (reason) => closed.resolve(reason),
        });
        api.value = markRaw(connection.api);
        retryAt.value = null;
        info.value = markRaw(await connection.api.info());
        attempt = 0;
        lostReason.value = await closed.promise;
      } catch (e) {
        connection?.close();
        lostReason.value = e instanceof Error ? e.message : String(e);
      }
      applyPending();
      if (link.value === 'live') lostAt = clock.now();
      api.value = null;
      connection = null;
      if (disposed) return;
      link.value = run.value ? 'lost' : 'connecting';
      const wait = RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)]!;
      retryAt.value = Date.now() + wait;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  function dispose(): void {
    disposed = true;
    stopFrames?.();
    stopFrames = null;
    connection?.close();
  }

  /** Calls the engine; a failure is kept in `problem` for the caller and the notice bar. */
  async function call<T>(work: (api: EngineApi) => Promise<T>): Promise<T | undefined> {
    problem.value = null;
    try {
      if (!api.value) throw new Error('The engine is not connected.');
      return await work(api.value);
    } catch (e) {
      problem.value = failureData(e);
      return undefined;
    }
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
    run,
    config,
    embedded,
    serverUrl,
    serverEpoch,
    serverHead,
    offline,
    asleepUntil,
    pongs,
    recording,
    scenario,
    bypassed,
    lastRecording,
    lastDrop,
    problem,
    frozenAt,
    tick,
    figures,
    viewTime,
    takeSnapshot,
    takeBatch,
    applyPending,
    follow,
    dispose,
    call,
    toggleFreeze,
    setRecording,
    setWorkload,
  };
});
