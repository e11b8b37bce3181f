import { markRaw, ref, shallowRef } from 'vue';
import type { EngineApi, EngineInfo } from '../../shared/api.ts';
import { failureData, type FailureData } from '../../shared/failure.ts';
import type { EngineConnection, FeedHandlers } from '../../rpc/client.ts';
import type { Connect } from '../connection/connection.ts';

type LinkState = 'connecting' | 'live' | 'lost';

const RETRY_MS = [500, 1000, 2000, 3000];

/** The page's connection to the engine: found, lost and found again, and the calls made over it. */
export function useEngineLink(handlers: Omit<FeedHandlers, 'closed'>, onClosed: () => LinkState) {
  const link = ref<LinkState>('connecting');
  const lostReason = ref('');
  const retryAt = ref<number | null>(null);
  const api = shallowRef<EngineApi | null>(null);
  const info = shallowRef<EngineInfo | null>(null);
  /** Why the last call failed; null when it did not. */
  const problem = shallowRef<FailureData | null>(null);
  let connection: EngineConnection | null = null;
  let disposed = false;
  /** What is followed instead of the engine; null for the engine. */
  let instead: Connect | null = null;
  let leave: (() => void) | null = null;
  const isDisposed = (): boolean => disposed;

  /** Connects to the engine and reconnects until disposed. */
  async function follow(connect: Connect): Promise<void> {
    let attempt = 0;
    while (!isDisposed()) {
      const closed = Promise.withResolvers<string>();
      const now = instead;
      leave = () => closed.resolve('');
      try {
        connection = await (now ?? connect)({ ...handlers, closed: (reason) => closed.resolve(reason) });
        api.value = markRaw(connection.api);
        retryAt.value = null;
        info.value = markRaw(await connection.api.info());
        attempt = 0;
        lostReason.value = await closed.promise;
      } catch (e) {
        connection?.close();
        lostReason.value = e instanceof Error ? e.message : String(e);
      }
      const next = onClosed();
      api.value = null;
      if (now !== instead) connection?.close(); // left for something else, and still there
      connection = null;
      if (isDisposed()) return;
      if (now !== instead) continue;
      link.value = next;
      const wait = RETRY_MS[Math.min(attempt++, RETRY_MS.length - 1)]!;
      retryAt.value = Date.now() + wait;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  /** Follows something else from now on, such as a recording; null goes back to the engine. */
  function followInstead(other: Connect | null): void {
    instead = other;
    leave?.();
  }

  function onLive(): void {
    link.value = 'live';
    lostReason.value = '';
  }

  function close(): void {
    disposed = true;
    connection?.close();
  }

  /** Calls the engine; a failure is kept in `problem` for the caller and the notice bar. */
  async function call<T>(work: (api: EngineApi) => Promise<T>): Promise<T | undefined> {
    problem.value = null;
    try {
      if (!api.value) throw new Error('The engine is not connected.');
      return await work(api.value);
    } catch (e) {
      problem.value = failureData(e);
      return undefined;
    }
  }

  return { link, lostReason, retryAt, api, info, problem, follow, followInstead, onLive, close, call };
}
