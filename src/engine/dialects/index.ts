import type { Method } from '../../shared/catalog.ts';
import { parseDialectText } from '../../shared/dialect/document.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import { fillUrl } from '../../shared/dialect/plan.ts';
import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import { a2a } from './built-in/a2a.ts';
import { agUi, aiSdkUi } from './built-in/agent-ui.ts';
import { anthropicMessages } from './built-in/anthropic.ts';
import { centrifugo } from './built-in/centrifugo.ts';
import { couchdbChanges } from './built-in/couchdb-changes.ts';
import { durableStreams } from './built-in/durable-streams.ts';
import { githubEvents } from './built-in/github-events.ts';
import { graphqlSse, graphqlTransportWs } from './built-in/graphql.ts';
import { heartline } from './built-in/heartline.ts';
import { kubernetesWatch } from './built-in/kubernetes-watch.ts';
import { mcp2025, mcp2026 } from './built-in/mcp.ts';
import { mercure } from './built-in/mercure.ts';
import { nchan } from './built-in/nchan.ts';
import { openaiChat, openaiResponses } from './built-in/openai.ts';
import { plain } from './built-in/plain.ts';
import { socketIo } from './built-in/socket-io.ts';
import { telegram } from './built-in/telegram.ts';

/** The built-in dialects, as files: a person's own is as good. */
const TEXTS: Record<string, string> = {
  heartline,
  nchan,
  plain,
  mercure,
  'durable-streams': durableStreams,
  'socket.io': socketIo,
  centrifugo,
  'graphql-sse': graphqlSse,
  'graphql-transport-ws': graphqlTransportWs,
  'kubernetes-watch': kubernetesWatch,
  'couchdb-changes': couchdbChanges,
  telegram,
  'github-events': githubEvents,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  'anthropic-messages': anthropicMessages,
  'ai-sdk-ui': aiSdkUi,
  'ag-ui': agUi,
  a2a,
  'mcp-2025-11-25': mcp2025,
  'mcp-2026-07-28': mcp2026,
};

/** The built-in dialects by name; each is read when it is first asked for. */
export const DIALECTS: Record<string, Dialect> = {};
for (const [name, text] of Object.entries(TEXTS)) {
  let read: Dialect | null = null;
  Object.defineProperty(DIALECTS, name, {
    enumerable: true,
    get: () => (read ??= parseDialectText(text.trimStart(), `${name}.yaml`)),
  });
}

/** @throws Failure `unknown-dialect`, with the nearest name */
export function dialectNamed(name: string, place = '--dialect'): Dialect {
  if (Object.hasOwn(DIALECTS, name)) return DIALECTS[name]!;
  const near = nearest(name, Object.keys(DIALECTS));
  throw new Failure({
    code: 'unknown-dialect',
    message: `There is no dialect "${name}".`,
    hint: near ? `Did you mean ${near}?` : `Write ${Object.keys(DIALECTS).join(', ')} or a dialect file.`,
    place,
    exit: 2,
  });
}

/**
 * A method's URL, made from a base and a channel; a query on the base stays behind the path, and WebSocket gets `ws:`.
 * @returns null when the dialect has no URL for the method
 * @throws Failure `bad-url` when the base is no http(s) or ws(s) URL
 */
export function urlFor(dialect: Dialect, method: Method, base: string, channel: string): string | null {
  const template = dialect.methods[method]?.url ?? null;
  if (template === null) return null;
  const text = base.trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^(https?|wss?):$/.test(url.protocol)) {
    throw new Failure({
      code: 'bad-url',
      message: `"${base}" is not a URL to build on.`,
      hint: 'Write something like https://example.org/app.',
      place: 'target.base',
      exit: 2,
    });
  }
  const secure = url.protocol === 'https:' || url.protocol === 'wss:';
  const scheme = method === 'websocket' ? (secure ? 'wss' : 'ws') : secure ? 'https' : 'http';
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`;
  const root = `${scheme}://${user}${url.host}${url.pathname.replace(/\/+$/, '')}`;
  const filled = fillUrl(template, (name) => (name === 'base' ? root : name === 'channel' ? channel : `{${name}}`));
  if (url.search === '') return filled;
  return `${filled}${filled.includes('?') ? '&' : '?'}${url.search.slice(1)}`;
}
