import { createBirpc } from 'birpc';
import type { EngineApi, FeedClient } from '../shared/api.ts';
import { Failure } from '../shared/failure.ts';
import type { PageCalls, ServerCalls } from './calls.ts';
import { birpcChannel } from './channel.ts';
import { engineApiOf } from './schemas.ts';
import type { Wire } from './wire.ts';

/**
 * What a page does with what the engine sends. A snapshot is everything as it stands and replaces all that was known; a
 * batch is what happened since, and comes empty about once a second: time goes on and the engine lives.
 */
export interface FeedHandlers extends FeedClient {
  /** The engine is gone; nothing more will come, and calls reject with `engine-gone`. */
  closed(reason: string): void;
}

export interface EngineConnection {
  api: EngineApi;
  close(): void;
}

/**
 * The page's end of a wire: the engine's calls, and its feed, subscribed at once. Acknowledges each message when its
 * handler returns; on a hole in the numbering it asks for a snapshot and lets nothing through before that.
 */
export function connectEngine(wire: Wire, handlers: FeedHandlers): EngineConnection {
  let last = 0;
  /** Between a hole and the next snapshot, batches are ignored. */
  let awaitingSnapshot = true;

  const handleAndAck = (seq: number, handle: () => void): void => {
    last = seq;
    try {
      handle();
    } catch (error) {
      void Promise.reject(error); // a page's own mistake is shown as one, and does not stop the feed
    } finally {
      engine.$callEvent('ack', { seq }).catch(() => {}); // the wire was closed meanwhile
    }
  };
  const calls: PageCalls = {
    snapshot(snapshot, seq) {
      awaitingSnapshot = false;
      handleAndAck(seq, () => handlers.snapshot(snapshot));
    },
    batch(batch) {
      if (!awaitingSnapshot && batch.seq !== last + 1) {
        awaitingSnapshot = true;
        void engine.$callEvent('resync');
      }
      handleAndAck(batch.seq, () => {
        if (!awaitingSnapshot) handlers.batch(batch);
      });
    },
  };

  const engine = createBirpc<ServerCalls, PageCalls>(calls, {
    ...birpcChannel(wire),
    // cast: just asked for
    resolver: (name) => (Object.hasOwn(calls, name) ? calls[name as keyof PageCalls] : undefined),
    onTimeoutError: (name) => {
      throw new Failure({
        code: 'no-answer',
        message: `The engine did not answer "${name}" within a minute.`,
        hint: 'Try again; if it stays silent, start Heartline anew.',
      });
    },
  });
  const engineGone = (): Failure =>
    new Failure({ code: 'engine-gone', message: 'The engine is gone.', hint: 'Start Heartline again and reload.' });
  wire.closed(() => {
    engine.$close(engineGone());
    handlers.closed(engineGone().message);
  });
  const call = async (name: keyof EngineApi, args: unknown[]): Promise<unknown> => {
    if (engine.$closed) throw engineGone();
    // As plain JSON on every wire: a reactive proxy cannot be cloned, and `undefined` is no field.
    // cast: the same arguments, as plain data
    return engine.$call(name, ...(JSON.parse(JSON.stringify(args)) as never));
  };
  void engine.$callEvent('subscribe');
  return {
    api: engineApiOf(call),
    close: () => wire.close(),
  };
}
