import type { EngineConnection, FeedHandlers } from '../../rpc/client.ts';

/** Finds an engine and follows it; rejects when there is none to be found. */
export type Connect = (handlers: FeedHandlers) => Promise<EngineConnection>;
