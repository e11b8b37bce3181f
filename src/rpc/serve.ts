import { createBirpc } from 'birpc';
import * as v from 'valibot';
import type { EngineApi } from '../shared/api.ts';
import type { Cancel, Clock } from '../shared/clock.ts';
import { Failure } from '../shared/failure.ts';
import type { PageCalls, ServerCalls } from './calls.ts';
import { CallQueue } from './call-queue.ts';
import { birpcChannel } from './channel.ts';
import { Feed, type FeedSource } from './feed.ts';
import { ENGINE_SCHEMAS, FEED_SCHEMAS } from './schemas.ts';
import type { Wire } from './wire.ts';

/**
 * Opens an engine to one page over one wire: its calls, and its feed once the page subscribes. Ends with the wire.
 * Only names of the API can be called, with arguments that fit; anything else is rejected with a `Failure`
 * (`unknown-call`, `bad-argument`) and harms nobody.
 */
export function serveEngine(engine: EngineApi & FeedSource, wire: Wire, clock: Clock): Cancel {
  const feed = new Feed(engine, clock, {
    snapshot: (snapshot, seq) => void page.$callEvent('snapshot', snapshot, seq),
    batch: (batch) => void page.$callEvent('batch', batch),
    get congested() {
      return wire.congested;
    },
  });
  const queue = new CallQueue(wire);
  const feedCalls: Record<string, (argument: never) => Promise<void>> = {
    subscribe: async () => feed.start(),
    resync: async () => feed.start(),
    ack: async ({ seq }: { seq: number }) => feed.ack(seq),
  };
  const call = async (name: keyof ServerCalls, args: unknown[]): Promise<unknown> => {
    const argument = validate(name, args);
    onlyByName(name, argument);
    // cast: checked by the schema of its name
    if (Object.hasOwn(feedCalls, name)) return feedCalls[name]!(argument as never);
    // cast: checked by the schema of its name
    return queue.run(() => (engine[name as keyof EngineApi] as (argument: unknown) => Promise<unknown>)(argument));
  };

  const channel = birpcChannel(wire);
  const page = createBirpc<PageCalls, object>(
    {},
    {
      ...channel,
      post: (message) => {
        channel.post(message);
        queue.next();
      },
      resolver: (name) =>
        Object.hasOwn(SCHEMAS, name)
          ? // cast: just asked for
            (...args: unknown[]) => call(name as keyof ServerCalls, args)
          : () => {
              throw new Failure({ code: 'unknown-call', message: `The engine has no call "${name.slice(0, 80)}".` });
            },
      onGeneralError: () => true, // a wire that cannot take an answer is about to say that it is closed
    },
  );
  const end = (): void => {
    feed.close();
    page.$close();
  };
  const cancelClosed = wire.closed(end);
  return () => {
    cancelClosed();
    end();
    wire.close();
  };
}

const SCHEMAS: Record<keyof ServerCalls, v.GenericSchema | null> = { ...ENGINE_SCHEMAS, ...FEED_SCHEMAS };

/** A page names a recording, and never its place: that is for whoever sits at the machine. */
function onlyByName(name: keyof ServerCalls, argument: unknown): void {
  if (name !== 'startRecording') return;
  const { file } = argument as Parameters<EngineApi['startRecording']>[0]; // cast: its schema has checked it
  if (file === null || !/[/\\:\0]|^\./.test(file)) return;
  throw new Failure({
    code: 'cannot-record',
    place: file,
    message: 'A page can only record into the folder of recordings.',
    hint: 'Give a name without a folder, or start Heartline with --record.',
  });
}

/** @throws Failure `bad-argument`, its place the call and the path: `restartRun.target.urls.sse`. */
function validate(name: keyof ServerCalls, args: unknown[]): unknown {
  const schema = SCHEMAS[name];
  if (args.length > (schema ? 1 : 0)) {
    throw new Failure({
      code: 'bad-argument',
      place: name,
      message: schema ? 'takes one argument.' : 'takes no argument.',
    });
  }
  if (!schema) return undefined;
  const result = v.safeParse(schema, args[0], { abortEarly: true });
  if (result.success) return result.output;
  const issue = result.issues[0];
  const path = v.getDotPath(issue);
  throw new Failure({
    code: 'bad-argument',
    place: path === null ? name : `${name}.${path}`,
    message: issue.message.slice(0, 300),
  });
}
