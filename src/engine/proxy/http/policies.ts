/** Every policy there is. Adding one is its file and its name here. */
import { buffer } from './policies/buffer.ts';
import { cache } from './policies/cache.ts';
import { clientLeaves } from './policies/client-leaves.ts';
import { collapse } from './policies/collapse.ts';
import { errorStatus } from './policies/error-status.ts';
import { gzip } from './policies/gzip.ts';
import { httpIdleTimeout } from './policies/http-idle-timeout.ts';
import { httpLifetime } from './policies/http-lifetime.ts';
import { httpProxy } from './policies/http-proxy.ts';
import { keepAlive } from './policies/keep-alive.ts';
import { originDies } from './policies/origin-dies.ts';
import { redirect } from './policies/redirect.ts';
import { reload } from './policies/reload.ts';
import { retry } from './policies/retry.ts';
import { upgrade } from './policies/upgrade.ts';
import { writeTimeout } from './policies/write-timeout.ts';
import type { Policy } from './policy.ts';

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
