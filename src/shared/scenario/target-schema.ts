/** A target as files write it, scenarios and saved endpoints alike: durations as text, JSON as YAML. */
import * as v from 'valibot';
import type { RemoteTarget, TargetRequest } from '../endpoint/remote-target.ts';
import { data, duration, retryOn } from './values.ts';

const line = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const longText = v.pipe(v.string(), v.minLength(1), v.maxLength(64 * 1024));
const texts = v.record(v.string(), v.string());
const optional = v.exactOptional;
const perMethod = <S extends v.GenericSchema>(schema: S) =>
  v.object({
    'short-polling': optional(schema),
    'long-polling': optional(schema),
    sse: optional(schema),
    websocket: optional(schema),
  });

const request = {
  httpMethod: optional(line),
  query: optional(texts),
  headers: optional(texts),
  body: optional(data),
  subprotocols: optional(v.array(line)),
  open: optional(v.array(data)),
};

const scheme = optional(line);
const auth = v.variant('type', [
  v.object({ type: v.literal('none') }),
  v.object({ type: v.literal('bearer'), token: longText, scheme }),
  v.object({ type: v.literal('basic'), user: line, password: v.string() }),
  v.object({ type: v.literal('api-key'), in: v.picklist(['header', 'query', 'cookie']), name: line, value: line }),
  v.object({
    type: v.literal('oauth2'),
    grant: v.picklist(['client-credentials', 'refresh-token']),
    tokenUrl: line,
    clientId: line,
    clientSecret: optional(line),
    refreshToken: optional(longText),
    scope: optional(line),
    audience: optional(line),
    clientAuth: optional(v.picklist(['basic', 'body'])),
    scheme,
  }),
  v.object({ type: v.literal('token-command'), command: line, scheme }),
  v.object({ type: v.literal('token-url'), url: line, headers: optional(texts), scheme }),
]);

export const targetFileSchema = v.pipe(
  v.object({
    /** A saved one, which the other keys are laid over. */
    endpoint: optional(line),
    base: optional(line),
    urls: optional(perMethod(line)),
    channel: optional(line),
    dialect: optional(line),
    ...request,
    methods: optional(perMethod(v.object(request))),
    auth: optional(auth),
    tls: optional(
      v.object({
        ca: optional(longText),
        cert: optional(longText),
        key: optional(longText),
        pfx: optional(line),
        passphrase: optional(v.string()),
        serverName: optional(line),
        insecure: optional(v.boolean()),
      }),
    ),
    proxy: optional(line),
    retryOn: optional(retryOn),
    deadline: optional(duration(1)),
    timeouts: optional(v.object({ connect: optional(duration(1)), head: optional(duration(1)) })),
    keepAlive: optional(v.boolean()),
    cookies: optional(v.boolean()),
    vars: optional(texts),
    env: optional(line),
  }),
  v.metadata({ orText: true }),
);
export type TargetFile = v.InferOutput<typeof targetFileSchema>;

/** A target whose name alone is written stands for the saved endpoint of that name. */
export const withTargetKeys = (target: unknown): unknown =>
  typeof target === 'string' ? { endpoint: target } : target;

/**
 * The target that a file means.
 * @param saved what the keys are laid over, where they name a saved endpoint
 */
export function targetOfFile(
  file: TargetFile,
  name: string,
  saved: RemoteTarget | null,
  defaults: { channel: string; dialect: string },
): RemoteTarget {
  const { endpoint: _, deadline, timeouts, urls, headers, query, vars, methods, ...rest } = file;
  const under: RemoteTarget = saved ?? { kind: 'remote', name, base: null, urls: {}, headers: {}, ...defaults };
  return {
    ...under,
    ...rest,
    urls: { ...under.urls, ...urls },
    headers: { ...under.headers, ...headers },
    ...(query ? { query: { ...under.query, ...query } } : {}),
    ...(vars ? { vars: { ...under.vars, ...vars } } : {}),
    ...(methods ? { methods: { ...under.methods, ...methods } satisfies Record<string, TargetRequest> } : {}),
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(timeouts
      ? {
          timeouts: {
            ...under.timeouts,
            ...(timeouts.connect === undefined ? {} : { connectMs: timeouts.connect }),
            ...(timeouts.head === undefined ? {} : { headMs: timeouts.head }),
          },
        }
      : {}),
  };
}
