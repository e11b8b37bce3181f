/** What an HTTP intermediary may do. Adding a policy is its file and its name here, and its implementation in the engine. */
import { buffer } from './buffer.ts';
import { cache } from './cache.ts';
import { clientLeaves } from './client-leaves.ts';
import { collapse } from './collapse.ts';
import { errorStatus } from './error-status.ts';
import { gzip } from './gzip.ts';
import { httpIdleTimeout } from './http-idle-timeout.ts';
import { httpLifetime } from './http-lifetime.ts';
import { httpProxy } from './http-proxy.ts';
import { keepAlive } from './keep-alive.ts';
import { originDies } from './origin-dies.ts';
import { redirect } from './redirect.ts';
import { reload } from './reload.ts';
import { retry } from './retry.ts';
import { upgrade } from './upgrade.ts';
import { writeTimeout } from './write-timeout.ts';
import { wsMessageLimit } from './ws-message-limit.ts';
import { wsPing } from './ws-ping.ts';

/** In the order in which they are offered. */
export const POLICY_DEFINITIONS = [
  httpProxy,
  httpIdleTimeout,
  httpLifetime,
  writeTimeout,
  upgrade,
  wsMessageLimit,
  wsPing,
  buffer,
  gzip,
  cache,
  collapse,
  retry,
  originDies,
  clientLeaves,
  keepAlive,
  errorStatus,
  redirect,
  reload,
] as const;
