import { defineStore } from 'pinia';
import { computed, markRaw, ref, shallowRef, triggerRef } from 'vue';
import type {
  EngineApi,
  EngineInfo,
  FeedBatch,
  LabSnapshot,
  RunConfig,
  ScenarioPlay,
  WorkloadSpec,
} from '../../shared/api.ts';
import { failureData, type FailureData } from '../../shared/failure.ts';
import type { Observation, ScenarioFact, SettingFact } from '../../shared/observation.ts';
import type { Connect, EngineLink } from '../connect.ts';
import { everyFrame } from '../composables/frame.ts';
import { EngineTime } from './model/engine-time.ts';
import type { DropMark } from './model/lane-marks.ts';
import { RunTrack } from './model/run-track.ts';

export type LinkState = 'connecting' | 'live' | 'lost';

/** How often words and figures are renewed; the ribbon moves every frame. */
const TICK_MS = 100;
const FIGURES_MS = 250;
/** A hidden page gets no frames: fold then, before the pile grows. */
const PILE = 5000;
const RETRY_MS = [500, 1000, 2000, 3000];

/**
 * The run as it is now. Batches are taken at once and folded once a frame into plain data; `tick` and `figures` tell
 * components when to look again, so that ten thousand facts a second cost the page ten looks.
 */
export const useLive = defineStore('live', () => {
  const link = ref<LinkState>('connecting');
  const lostBecause = ref('');
  const retryAt = ref<number | null>(null);
  const api = shallowRef<EngineApi | null>(null);
  const info = shallowRef<EngineInfo | null>(null);
  const run = shallowRef<RunTrack | null>(null);
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
  const kept = shallowRef<{ file: string; bytes: number } | null>(null);
  /** Connections that were opened before an intermediary stood on the path go on past it. */
  const passedBy = ref(false);
  /** The last drop, for those who listen instead of looking. */
  const lastDrop = shallowRef<DropMark | null>(null);
  /** What the last order came to, when it failed. */
  const problem = shallowRef<FailureData | null>(null);
  const frozenAt = ref<number | null>(null);
  const tick = ref(0);
  const figures = ref(0);

  const time = new EngineTime();
  let pile: FeedBatch[] = [];
  let piled = 0;
  let current: EngineLink | null = null;
  let tickedAt = 0;
  let figuredAt = 0;
  let stopFrames: (() => void) | null = null;
  let ended = false;
  /** Where the ribbon stands since the engine was lost. */
  let lostAt: number | null = null;

  /** Engine time to draw at: now, or where the view was frozen, or where the engine was lost. */
  function viewTime(): number {
    if (frozenAt.value !== null) return frozenAt.value;
    if (link.value !== 'live' && run.value) return lostAt ?? run.value.latest;
    return time.now();
  }

  function takeSnapshot(snapshot: LabSnapshot): void {
    pile = [];
    piled = 0;
    time.reset(snapshot.now, snapshot.config.timeScale);
    const same = run.value && run.value.startedAt === snapshot.runStartedAt && run.value.n <= snapshot.n;
    if (same) run.value!.take(snapshot);
    else run.value = markRaw(new RunTrack(snapshot));
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
      passedBy.value = false; // a new run opens all of its connections on the path as it is
      for (const o of snapshot.recent) passing(o); // a page that comes later
    }
    link.value = 'live';
    lostBecause.value = '';
    if (same) triggerRef(run);
    figures.value++;
    tick.value++;
  }

  function takeBatch(batch: FeedBatch): void {
    time.hear(batch.now);
    pile.push(batch);
    piled += batch.observations.length;
    if (piled > PILE) foldPile();
  }

  function foldPile(): void {
    if (pile.length === 0) return;
    const batches = pile;
    pile = [];
    piled = 0;
    const track = run.value;
    if (!track) return;
    for (const batch of batches) {
      for (const o of batch.observations) {
        track.fold(o);
        notice(o);
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
        if (had.file !== '') kept.value = { file: had.file, bytes: had.bytes };
      }
    } else if (had?.bytes !== bytes) recording.value = { ...(had ?? { file: '', since: now }), bytes };
  }

  /** The few facts that change more than a trail. */
  function notice(o: Observation): void {
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
        setting(o);
        break;
      case 'scenario':
        scenarioFact(o);
        break;
      case 'path':
        if (config.value) config.value = { ...config.value, via: o.via };
        break;
      default:
    }
    passing(o);
  }

  /** Told anew with every path, where it is still so. */
  function passing(o: Observation): void {
    if (o.type === 'notice' && o.code === 'next-connections') passedBy.value = true;
    else if (o.type === 'path' || (o.type === 'setting' && o.name === 'cut-all')) passedBy.value = false;
  }

  function scenarioFact(o: Observation & ScenarioFact): void {
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

  function setting(o: SettingFact): void {
    if (o.name === 'offline') offline.value = o.value === 'on';
    if (o.name === 'pongs') pongs.value = o.value !== 'muted';
    if (o.name === 'heartbeat' && config.value) {
      const every = Number.parseFloat(o.value);
      config.value = { ...config.value, heartbeatMs: o.value === 'off' || Number.isNaN(every) ? null : every };
    }
  }

  function frame(at: number): void {
    foldPile();
    if (at - tickedAt >= TICK_MS) {
      tickedAt = at;
      asleepUntil.value = wakeTime();
      tick.value++;
    }
    if (at - figuredAt >= FIGURES_MS) {
      figuredAt = at;
      figures.value++;
    }
  }

  /** Finds the engine and stays with it: when it is lost, looks for it again until it is back. */
  async function follow(connect: Connect): Promise<void> {
    stopFrames ??= everyFrame(frame);
    let attempt = 0;
    while (!ended) {
      const gone = Promise.withResolvers<string>();
      try {
        current = await connect({
          snapshot: takeSnapshot,
          batch: takeBatch,
          closed: (reason) => gone.resolve(reason),
        });
        api.value = markRaw(current.api);
        retryAt.value = null;
        info.value = markRaw(await current.api.info());
        attempt = 0;
        lostBecause.value = await gone.promise;
      } catch (e) {
        current?.close();
        lostBecause.value = e instanceof Error ? e.message : String(e);
      }
      foldPile();
      if (link.value === 'live') lostAt = time.now();
      api.value = null;
      current = null;
      if (ended) return;
      link.value = run.value ? 'lost' : 'connecting';
      const wait = RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)]!;
      retryAt.value = Date.now() + wait;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  function leave(): void {
    ended = true;
    stopFrames?.();
    stopFrames = null;
    current?.close();
  }

  /** Gives the engine an order; what went wrong is kept for the place that asked, and for the strip under the run bar. */
  async function order<T>(give: (api: EngineApi) => Promise<T>): Promise<T | undefined> {
    problem.value = null;
    try {
      if (!api.value) throw new Error('The engine is not connected.');
      return await give(api.value);
    } catch (e) {
      problem.value = failureData(e);
      return undefined;
    }
  }

  function freeze(): void {
    frozenAt.value = frozenAt.value === null ? viewTime() : null;
  }

  function setWorkload(workload: WorkloadSpec): void {
    if (config.value) config.value = { ...config.value, workload };
  }
  /** An order to record was followed; what was sent before the answer is older than it. */
  function recorded(now: LabSnapshot['recording']): void {
    foldPile();
    recording.value = now;
    if (now) kept.value = null;
  }

  const embedded = computed(() => config.value?.target.kind === 'embedded');

  return {
    link,
    lostBecause,
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
    passedBy,
    kept,
    lastDrop,
    problem,
    frozenAt,
    tick,
    figures,
    viewTime,
    takeSnapshot,
    takeBatch,
    foldPile,
    follow,
    leave,
    order,
    freeze,
    recorded,
    setWorkload,
  };
});
