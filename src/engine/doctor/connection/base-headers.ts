/** What every question says: who asks, what is accepted, and what a person gave. Names in lower case. */
export function baseHeaders({ headers }: { headers: Record<string, string> }, accept: string): Record<string, string> {
  return { accept, 'user-agent': 'heartline', ...lowerCase(headers) };
}

const lowerCase = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
