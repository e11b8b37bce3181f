/** How each policy is carried out. One that is defined and missing here does not compile. */
import { POLICY_DEFINITIONS } from '../../../../shared/path/policies/index.ts';
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
import type { Policy, PolicyImpl } from '../policy.ts';

type PolicyDefinition = (typeof POLICY_DEFINITIONS)[number];
export type PolicyId = PolicyDefinition['id'];

const IMPLEMENTATIONS: { [Id in PolicyId]: PolicyImpl<Extract<PolicyDefinition, { id: Id }>> } = {
  'http-proxy': httpProxy,
  'http-idle-timeout': httpIdleTimeout,
  'http-lifetime': httpLifetime,
  'write-timeout': writeTimeout,
  upgrade,
  'ws-message-limit': wsMessageLimit,
  'ws-ping': wsPing,
  buffer,
  gzip,
  cache,
  collapse,
  retry,
  'origin-dies': originDies,
  'client-leaves': clientLeaves,
  'keep-alive': keepAlive,
  'error-status': errorStatus,
  redirect,
  reload,
};

export const POLICIES: Readonly<Record<string, Policy>> = Object.fromEntries(
  POLICY_DEFINITIONS.map((definition): [string, Policy] => [
    definition.id,
    { definition, http: IMPLEMENTATIONS[definition.id] },
  ]),
);
