/** JSON Pointer (RFC 6901) into parsed JSON. @returns undefined where it points at nothing */
export function pointer(value: unknown, path: string): unknown {
  if (path === '') return value;
  let at: unknown = value;
  for (const step of path.slice(1).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, key)) return undefined;
    at = (at as Record<string, unknown>)[key];
  }
  return at;
}
