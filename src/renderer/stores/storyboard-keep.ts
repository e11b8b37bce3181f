/** What the storyboard editor keeps in the page: texts that nobody has saved yet, and which one lay open. */
export interface KeptBoards {
  open: string | null;
  /** By entry; what was typed over a kept text, or a text of its own. */
  drafts: Record<string, string>;
}

const KEY = 'heartline.storyboard';

/** As this page last knew them: only what it has changed itself is written over what another page keeps. */
let known: KeptBoards['drafts'] = {};

export function readKept(): KeptBoards {
  const kept = stored();
  known = kept.drafts;
  return kept;
}

function stored(): KeptBoards {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<KeptBoards> | null;
    const drafts = Object.entries(kept?.drafts ?? {}).filter(([, text]) => typeof text === 'string');
    return { open: typeof kept?.open === 'string' ? kept.open : null, drafts: Object.fromEntries(drafts) };
  } catch {
    return { open: null, drafts: {} };
  }
}

/** @returns whether it could be kept */
export function writeKept(kept: KeptBoards): boolean {
  const { drafts } = stored();
  for (const key of Object.keys(known)) if (kept.drafts[key] === undefined) delete drafts[key];
  for (const [key, text] of Object.entries(kept.drafts)) if (known[key] !== text) drafts[key] = text;
  try {
    localStorage.setItem(KEY, JSON.stringify({ open: kept.open, drafts }));
    known = { ...kept.drafts };
    return true;
  } catch {
    return false;
  }
}
