/** Scheme, host, port and path of a URL without a global `URL`, which this room does not have; null when it is none. */
export function urlParts(text: string): { scheme: string; host: string; port: number | null; rest: string } | null {
  const m = /^([a-z][a-z0-9+.-]*:)\/\/(?:[^/?#@\s]*@)?(\[[0-9a-f:.]+\]|[^/?#:@\s]+)(?::(\d{1,5}))?([/?#]\S*)?$/i.exec(
    text,
  );
  if (!m || Number(m[3] ?? 1) > 65_535 || Number(m[3] ?? 1) < 1) return null;
  return { scheme: m[1]!.toLowerCase(), host: m[2]!, port: m[3] ? Number(m[3]) : null, rest: m[4] ?? '' };
}
