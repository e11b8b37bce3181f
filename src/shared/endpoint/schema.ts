/** A target as data that somebody else wrote: a page, or a file of saved ones. Bounded; what it means is checked elsewhere. */
import * as v from 'valibot';
import { perMethod } from '../catalog.ts';
import { MAX_DURATION_MS } from '../duration.ts';
import type { RemoteTarget } from './remote-target.ts';

const text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const word = text(200);
const line = text(4096);
/** A key or certificate may stand in it. */
const longText = text(64 * 1024);
const ms = v.pipe(v.number(), v.minValue(0), v.maxValue(MAX_DURATION_MS));
const record = (what: string) =>
  v.pipe(
    v.record(word, line),
    v.check((all) => Object.keys(all).length <= 100, `has more than 100 ${what}`),
  );
const optional = v.exactOptional;

const request = {
  httpMethod: optional(text(40)),
  query: optional(record('parameters')),
  headers: optional(record('headers')),
  body: optional(text(1024 * 1024)),
  subprotocols: optional(v.pipe(v.array(word), v.maxLength(20))),
  open: optional(v.pipe(v.array(longText), v.maxLength(100))),
};

const place = { scheme: optional(text(40)) };
const auth = v.variant('type', [
  v.strictObject({ type: v.literal('none') }),
  v.strictObject({ type: v.literal('bearer'), token: longText, ...place }),
  v.strictObject({ type: v.literal('basic'), user: line, password: line }),
  v.strictObject({
    type: v.literal('api-key'),
    in: v.picklist(['header', 'query', 'cookie']),
    name: word,
    value: line,
  }),
  v.strictObject({
    type: v.literal('oauth2'),
    grant: v.picklist(['client-credentials', 'refresh-token']),
    tokenUrl: line,
    clientId: line,
    clientSecret: optional(line),
    refreshToken: optional(longText),
    scope: optional(line),
    audience: optional(line),
    clientAuth: optional(v.picklist(['basic', 'body'])),
    ...place,
  }),
  v.strictObject({ type: v.literal('token-command'), command: line, ...place }),
  v.strictObject({ type: v.literal('token-url'), url: line, headers: optional(record('headers')), ...place }),
]);

const tls = v.strictObject({
  ca: optional(longText),
  cert: optional(longText),
  key: optional(longText),
  pfx: optional(line),
  passphrase: optional(line),
  serverName: optional(text(255)),
  insecure: optional(v.boolean()),
});

export const remoteTargetSchema = v.strictObject({
  kind: v.literal('remote'),
  name: word,
  base: v.nullable(line),
  urls: v.strictObject(perMethod(() => optional(line))),
  channel: word,
  dialect: word,
  ...request,
  headers: record('headers'),
  methods: optional(v.strictObject(perMethod(() => optional(v.strictObject(request))))),
  auth: optional(auth),
  tls: optional(tls),
  proxy: optional(line),
  retryOn: optional(v.pipe(v.array(text(40)), v.maxLength(100))),
  deadlineMs: optional(v.pipe(ms, v.minValue(1))),
  timeouts: optional(v.strictObject({ connectMs: optional(ms), headMs: optional(ms) })),
  keepAlive: optional(v.boolean()),
  cookies: optional(v.boolean()),
  vars: optional(record('variables')),
  env: optional(word),
}) satisfies v.GenericSchema<unknown, RemoteTarget>;
