import type { FieldProblem } from '../../../shared/api.ts';
import { METHODS, perMethod, type Method } from '../../../shared/catalog.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { RemoteTarget } from '../../../shared/target.ts';

/** A target as it is being typed. */
export interface TargetDraft {
  name: string;
  by: 'base' | 'urls';
  base: string;
  channel: string;
  urls: Record<Method, string>;
  /** One `Name: value` a line. */
  headers: string;
  dialect: string;
}

const KEY = 'heartline.target-draft';

export const emptyDraft = (): TargetDraft => ({
  name: '',
  by: 'base',
  base: '',
  channel: '',
  urls: perMethod(() => ''),
  headers: '',
  dialect: 'heartline',
});

export function draftOf(target: RemoteTarget): TargetDraft {
  const draft = emptyDraft();
  return {
    ...draft,
    name: target.name,
    by: target.base === null ? 'urls' : 'base',
    base: target.base ?? '',
    channel: target.channel,
    urls: { ...draft.urls, ...target.urls },
    headers: Object.entries(target.headers)
      .map(([name, value]) => `${name}: ${value}`)
      .join('\n'),
    dialect: target.dialect,
  };
}

/** @param offered what a link says; what it leaves open is as in an empty form */
export function draftOfOffered(offered: { url: string; name: string; dialect: string; channel: string }): TargetDraft {
  const draft = emptyDraft();
  return {
    ...draft,
    name: offered.name,
    base: offered.url,
    channel: offered.channel,
    dialect: offered.dialect || draft.dialect,
  };
}

/** What a target is called when nobody gave it a name: its host. */
export function defaultName(draft: TargetDraft): string {
  const typed = draft.by === 'base' ? [draft.base] : METHODS.map((m) => draft.urls[m]);
  for (const url of typed) {
    try {
      const { host } = new URL(url.trim());
      if (host !== '') return host;
    } catch {
      // Not a URL yet.
    }
  }
  return 'Endpoint';
}

/** What was typed, as a target; with what cannot even be read of it. */
export function targetOf(draft: TargetDraft): { target: RemoteTarget; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const headers: Record<string, string> = {};
  draft.headers.split('\n').forEach((line, i) => {
    if (line.trim() === '') return;
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim();
    if (at < 1 || name === '') {
      problems.push({
        field: 'headers',
        message: `Line ${i + 1} is not a header.`,
        hint: 'Write one a line, such as Authorization: Bearer abc',
      });
    } else headers[name] = line.slice(at + 1).trim();
  });
  const urls: Partial<Record<Method, string>> = {};
  if (draft.by === 'urls') {
    for (const m of METHODS) if (draft.urls[m].trim() !== '') urls[m] = draft.urls[m].trim();
  }
  return {
    target: {
      kind: 'remote',
      name: draft.name.trim() || defaultName(draft),
      base: draft.by === 'base' ? draft.base.trim() : null,
      urls,
      // left empty it is what the field's placeholder shows
      channel: draft.channel.trim() || DEFAULTS.channel,
      headers,
      dialect: draft.dialect,
    },
    problems,
  };
}

/** What was typed last, without its headers: they may be secrets. */
export function loadDraft(): TargetDraft {
  try {
    // cast: any of it may be missing
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<TargetDraft>;
    const empty = emptyDraft();
    return { ...empty, ...stored, urls: { ...empty.urls, ...stored.urls }, headers: '' };
  } catch {
    return emptyDraft();
  }
}

export function saveDraft(draft: TargetDraft): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...draft, headers: '' }));
  } catch {
    // Nothing is lost but the memory of a form.
  }
}
