/** A lane's own settings as a form has them: texts, of which an empty one is the run's. */
import type { Method } from '../../../shared/catalog.ts';
import { isAcceptEncoding } from '../../../shared/content-coding.ts';
import { formatDuration, parseDuration } from '../../../shared/duration.ts';
import { isRetryRule } from '../../../shared/endpoint/retry-rules.ts';
import { failureData } from '../../../shared/failure.ts';
import { LANE_SETTINGS, laneSettingsOf, type LaneSettingInfo } from '../../../shared/lane-settings.ts';
import type { LaneClient } from '../../../shared/run-config.ts';

export type SettingName = keyof LaneClient;
export type LaneDraft = Partial<Record<SettingName, string>>;

export function draftOf(method: Method, client: LaneClient): LaneDraft {
  return Object.fromEntries(laneSettingsOf(method).map((name) => [name, textOf(name, client)]));
}

function textOf(name: SettingName, client: LaneClient): string {
  const value = client[name];
  if (value === undefined) return '';
  if (value === null) return 'off';
  if (typeof value === 'number') return formatDuration(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  return Array.isArray(value) ? value.join(', ') : value;
}

/** Why a text will not do; null when it will. */
export function settingProblem(name: SettingName, text: string): string | null {
  if (text.trim() === '') return null;
  try {
    valueOf(name, text.trim());
    return null;
  } catch (error) {
    const { message, hint } = failureData(error);
    return hint === undefined ? message : `${message} ${hint}`;
  }
}

/** What the lane is to do in its own way. @throws where a text will not do */
export function clientOf(draft: LaneDraft): LaneClient {
  const given = Object.entries(draft).filter(([, text]) => text.trim() !== '');
  // cast: the keys are those of the draft
  return Object.fromEntries(given.map(([name, text]) => [name, valueOf(name as SettingName, text.trim())]));
}

function valueOf(name: SettingName, text: string): unknown {
  const { value }: LaneSettingInfo = LANE_SETTINGS[name];
  switch (value.kind) {
    case 'duration': {
      if (value.words && Object.hasOwn(value.words, text)) return name === 'pingMs' ? null : text;
      const ms = parseDuration(text);
      if (ms < value.min) throw new Error(`Give at least ${formatDuration(value.min)}.`);
      return ms;
    }
    case 'switch':
      return text === 'on';
    case 'list': {
      const all = text.split(/[\s,]+/).filter((one) => one !== '');
      const wrong = all.find((one) => !isRetryRule(one));
      if (wrong !== undefined) throw new Error(`"${wrong}" is no rule. Write such as ${value.example}.`);
      return all;
    }
    case 'text':
      if (name === 'acceptEncoding' && !isAcceptEncoding(text))
        throw new Error('Write off, or some of gzip, deflate, br, zstd.');
      return text;
    case 'choice':
      return text;
  }
}
