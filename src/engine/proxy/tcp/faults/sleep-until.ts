import type { ConnectionContext } from './fault.ts';

/** Waits for an engine time, never less; returns early when the settings are replaced. */
export async function sleepUntil(conn: ConnectionContext, due: number): Promise<void> {
  // A timer may fire a fraction of a millisecond early, hence the loop.
  for (let remaining = due - conn.clock.now(); remaining > 0; remaining = due - conn.clock.now()) {
    if (conn.signal.aborted) return;
    try {
      await conn.clock.sleep(remaining, conn.signal);
    } catch {
      return; // aborted
    }
  }
}
