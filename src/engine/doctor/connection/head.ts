/** The head of an answer, as text and taken apart. Names in lower case; repeated fields are joined. */
export interface Head {
  /** Cut and without secrets, as it may be shown. */
  text: string;
  version: string;
  status: number;
  fields: Record<string, string>;
}

export function parseHead(text: string): Head | null {
  const [first = '', ...lines] = text.split('\r\n');
  const [, version, status] = /^HTTP\/(\d(?:\.\d)?) (\d{3})/.exec(first) ?? [];
  if (version === undefined || status === undefined) return null;
  // cast: no prototype, so no name but those that came
  const fields = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at <= 0) continue;
    const name = line.slice(0, at).toLowerCase();
    const value = line.slice(at + 1).trim();
    fields[name] = fields[name] === undefined ? value : `${fields[name]}, ${value}`;
  }
  return { text: text.trimEnd(), version, status: Number(status), fields };
}
