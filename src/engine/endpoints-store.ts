import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '../shared/failure.ts';
import type { RemoteTarget } from '../shared/target.ts';

/** Saved endpoints, in one small file that only its owner may read: headers may hold tokens. */
export class EndpointsStore {
  #file: string | null;
  #endpoints: RemoteTarget[] = [];

  /** @param dir where to keep them; null keeps them in memory only */
  constructor(dir: string | null) {
    this.#file = dir === null ? null : join(dir, 'endpoints.json');
    if (this.#file === null) return;
    try {
      const kept: unknown = JSON.parse(readFileSync(this.#file, 'utf8'));
      if (Array.isArray(kept)) this.#endpoints = kept.filter(isEndpoint);
    } catch (e) {
      // None yet is the usual case; a broken file is set aside so that nothing of it is lost.
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') this.#setAside();
    }
  }

  list(): RemoteTarget[] {
    return structuredClone(this.#endpoints);
  }

  save(endpoint: RemoteTarget): void {
    this.#endpoints = [endpoint, ...this.#endpoints.filter((e) => e.name !== endpoint.name)].slice(0, 200);
    this.#write();
  }

  delete(name: string): void {
    this.#endpoints = this.#endpoints.filter((e) => e.name !== name);
    this.#write();
  }

  #write(): void {
    if (this.#file === null) return;
    try {
      mkdirSync(join(this.#file, '..'), { recursive: true, mode: 0o700 });
      const next = `${this.#file}.new`;
      writeFileSync(next, JSON.stringify(this.#endpoints, null, 2), { mode: 0o600 });
      renameSync(next, this.#file);
    } catch (e) {
      throw new Failure({
        code: 'cannot-save',
        message: `The endpoint could not be written to ${this.#file}: ${(e as Error).message}.`,
        hint: 'It stays in use for this run.',
        place: 'endpoints',
      });
    }
  }

  #setAside(): void {
    try {
      renameSync(this.#file!, `${this.#file!}.broken`);
    } catch {
      // it cannot even be moved: leave it, and save over it only when asked to
    }
  }
}

function isEndpoint(e: unknown): e is RemoteTarget {
  const t = e as Partial<RemoteTarget> | null;
  return (
    typeof t === 'object' &&
    t !== null &&
    t.kind === 'remote' &&
    typeof t.name === 'string' &&
    typeof t.channel === 'string' &&
    typeof t.dialect === 'string' &&
    typeof t.urls === 'object' &&
    typeof t.headers === 'object'
  );
}
