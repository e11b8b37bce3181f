const KEY = 'heartline-key';

/**
 * What the host gave this page when the printed address was opened; null when it was not. It is kept for reloads and
 * further tabs where only this origin, port included, can read it, and it is worth nothing once the host has ended.
 */
export function pageKey(): string | null {
  const meta = document.querySelector<HTMLMetaElement>(`meta[name="${KEY}"]`);
  const given = meta?.content ?? /^#key=([\w-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return kept();
  meta?.remove();
  history.replaceState(null, '', location.pathname); // token and key leave the address bar and the history
  try {
    localStorage.setItem(KEY, given);
  } catch {
    // where nothing may be stored, this page alone is let in
  }
  return given;
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}
