import { fieldOf } from '../../shared/guards.ts';
/** JSON Pointer (RFC 6901) into parsed JSON. @returns undefined where it points at nothing */
export function resolvePointer(value: unknown, path: string): unknown {
  if (path === '') return value;
  let current: unknown = value;
  for (const step of path.slice(1).split('/')) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    current = fieldOf(current, key);
  }
  return current;
}
