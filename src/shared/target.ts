import type { Method } from './catalog.ts';

/** What the lanes follow. */
export type Target = { kind: 'embedded' } | RemoteTarget;

export interface RemoteTarget {
  kind: 'remote';
  /** How people call it; also the key under which it is kept. */
  name: string;
  /** A base from which the dialect makes each method's URL … */
  base: string | null;
  /** … or a URL per method. A method with neither has no lane. */
  urls: Partial<Record<Method, string>>;
  channel: string;
  headers: Record<string, string>;
  /** A built-in dialect's name. */
  dialect: string;
}
