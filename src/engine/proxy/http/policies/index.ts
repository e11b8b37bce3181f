/** Every policy there is. Adding one is its file and its name here. */
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
import type { Policy } from '../policy.ts';

export const POLICIES: readonly Policy[] = [
  httpProxy,
  httpIdleTimeout,
  httpLifetime,
  writeTimeout,
  upgrade,
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
];
