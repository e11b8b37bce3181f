/** Unsaved scenario texts and the open entry, kept in localStorage. */
export interface StoredDrafts {
  open: string | null;
  /** By entry; what was typed over a kept text, or a text of its own. */
  drafts: Record<string, string>;
}

const KEY = 'heartline.storyboard';

/** The drafts as this page last wrote them: only its own changes overwrite those of another page. */
let lastWritten: StoredDrafts['drafts'] = {};

export function loadDrafts(): StoredDrafts {
  const kept = readStored();
  lastWritten = kept.drafts;
  return kept;
}

function readStored(): StoredDrafts {
  try {
    // cast: any of it may be missing
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<StoredDrafts> | null;
    const drafts = Object.entries(kept?.drafts ?? {}).filter(([, text]) => typeof text === 'string');
    return { open: typeof kept?.open === 'string' ? kept.open : null, drafts: Object.fromEntries(drafts) };
  } catch {
    return { open: null, drafts: {} };
  }
}

/** @returns whether it could be kept */
export function saveDrafts(kept: StoredDrafts): boolean {
  const { drafts } = readStored();
  for (const key of Object.keys(lastWritten)) if (kept.drafts[key] === undefined) delete drafts[key];
  for (const [key, text] of Object.entries(kept.drafts)) if (lastWritten[key] !== text) drafts[key] = text;
  try {
    localStorage.setItem(KEY, JSON.stringify({ open: kept.open, drafts }));
    lastWritten = { ...kept.drafts };
    return true;
  } catch {
    return false;
  }
}
