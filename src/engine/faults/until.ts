import type { Conn } from './fault.ts';

/** Waits for an engine time, never less; returns early when the stretch of settings ends. */
export async function until(conn: Conn, due: number): Promise<void> {
  // A timer may fire a fraction of a millisecond early, hence the loop.
  for (let left = due - conn.clock.now(); left > 0; left = due - conn.clock.now()) {
    if (conn.signal.aborted) return;
    try {
      await conn.clock.sleep(left, conn.signal);
    } catch {
      return; // aborted
    }
  }
}
