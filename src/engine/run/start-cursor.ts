import type { Clock } from '../../shared/clock.ts';
import { formatCursor } from '../../shared/protocol/cursor.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import type { RunConfig } from '../../shared/run-config.ts';
import type { EmbeddedTarget } from './embedded-target.ts';
import type { RunEndpoint } from './run-endpoint.ts';
import { readNewestCursor } from './remote.ts';

const HEAD_TIMEOUT_MS = 3000;

/**
 * All lanes of a run start from the same place, so that they can be compared: where the person said, else at the newest
 * event, else where the dialect starts.
 * @param url any lane's
 */
export async function startCursor(
  config: Pick<RunConfig, 'after' | 'target'>,
  embedded: EmbeddedTarget | null,
  endpoint: RunEndpoint | null,
  dialect: Dialect,
  url: string,
  clock: Clock,
): Promise<string | null> {
  const { after, target } = config;
  if (after !== null) return after;
  if (embedded) {
    const { epoch, newest } = embedded.bounds();
    return formatCursor(epoch, newest);
  }
  if (target.kind === 'embedded' || !endpoint || dialect.name !== 'heartline') return dialect.start.now;
  const timeout = new AbortController();
  const cancel = clock.after(HEAD_TIMEOUT_MS, () => timeout.abort());
  try {
    return await readNewestCursor(endpoint, url, HEAD_TIMEOUT_MS, timeout.signal);
  } catch {
    return null; // the lanes will report what is wrong, each with its evidence
  } finally {
    cancel();
  }
}
