/** What the storyboard editor keeps in the page: texts that nobody has saved yet, and which one lay open. */
export interface KeptBoards {
  open: string | null;
  /** By entry; what was typed over a kept text, or a text of its own. */
  drafts: Record<string, string>;
}

const KEY = 'heartline.storyboard';

export function readKept(): KeptBoards {
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
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
}
