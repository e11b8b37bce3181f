import { ref, shallowRef } from 'vue';
import type { FeedBatch, LabSnapshot, ScenarioPlay } from '../../shared/api.ts';
import { recordedPath } from '../../shared/path/resolve.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { Observation, PathFact, ScenarioFact, SettingFact } from '../../shared/observation.ts';
import type { DropMark } from '../model/lane-marks.ts';

/** What holds for the run as a whole: its configuration, the server, and what was switched on or off. */
export function useRunState() {
  const config = shallowRef<RunConfig | null>(null);
  const serverUrl = ref<string | null>(null);
  const serverEpoch = ref<string | null>(null);
  const serverHead = ref<string | null>(null);
  const offline = ref(false);
  const pongs = ref(true);
  const recording = shallowRef<LabSnapshot['recording']>(null);
  /** The scenario that this run plays or played; null when it was not started by one. */
  const scenario = shallowRef<ScenarioPlay | null>(null);
  /** The file of the last recording that was stopped, until it is dismissed. */
  const lastRecording = shallowRef<{ file: string; bytes: number } | null>(null);
  /** Connections that were opened before an intermediary stood on the path go on past it. */
  const bypassed = ref(false);
  /** The last drop, for the live region. */
  const lastDrop = shallowRef<DropMark | null>(null);

  /** @param same it is of the run that is shown already */
  function restore(snapshot: LabSnapshot, same: boolean): void {
    config.value = snapshot.config;
    serverUrl.value = snapshot.server.url;
    serverEpoch.value = snapshot.server.epoch;
    serverHead.value = snapshot.server.head;
    offline.value = snapshot.offline;
    pongs.value = snapshot.pongs;
    recording.value = snapshot.recording;
    scenario.value = snapshot.scenario;
    if (same) return;
    bypassed.value = false; // a new run opens all of its connections on the path as it is
    for (const o of snapshot.recent) updateBypassed(o); // a page that comes later
  }

  /** Another page, or a full disk, may begin and end a recording as well. */
  function updateRecording({ recordingBytes: bytes, now }: FeedBatch): void {
    const had = recording.value;
    if (bytes === undefined) {
      if (had && had.bytes > 0) {
        recording.value = null;
        if (had.file !== '') lastRecording.value = { file: had.file, bytes: had.bytes };
      }
    } else if (had?.bytes !== bytes) recording.value = { ...(had ?? { file: '', since: now }), bytes };
  }

  /** Applies one observation. */
  function apply(o: Observation): void {
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
        applyPath(o);
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

  function applyPath({ via }: PathFact): void {
    const path = recordedPath(via); // where it is not known, `run.path` has it in words
    if (config.value && path) config.value = { ...config.value, path };
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

  return {
    config,
    serverUrl,
    serverEpoch,
    serverHead,
    offline,
    pongs,
    recording,
    scenario,
    lastRecording,
    bypassed,
    lastDrop,
    restore,
    apply,
    updateRecording,
  };
}
