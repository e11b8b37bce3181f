import type { LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { errorCode, secondsText, within, type Probe } from './probe.ts';
import { dialled } from './proxied.ts';
import { failed, ok, type StepResult } from './step-list.ts';

/** Looks the host's name up. */
export async function lookUpName(p: Probe): Promise<StepResult<LookupAddress[]>> {
  const { host } = dialled(p);
  const family = isIP(host);
  if (family !== 0) return ok(`${host} is an address; there is no name to look up.`, [{ address: host, family }]);
  const limit = p.left();
  try {
    const found = await within(p.clock, limit, p.lookup(host));
    if (found === null) {
      return failed(
        `The name service gave no answer about ${host} within ${secondsText(limit)}.`,
        'Check this machine’s DNS servers, or whether a VPN has to be on.',
      );
    }
    if (found.length === 0) return noAddress(host);
    const [first, ...others] = found;
    return ok(`${host} is ${first!.address}${others.length === 0 ? '' : ` and ${others.length} more`}.`, found);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOTFOUND' || code === 'ENODATA') return noAddress(host);
    return failed(
      `The name ${host} could not be looked up (${code || 'unknown error'}).`,
      'Check this machine’s network and its DNS servers.',
    );
  }
}

const noAddress = (host: string): StepResult<never> =>
  failed(
    `No address is known for the name ${host}.`,
    'Check its spelling, and whether it is known only inside a VPN or a company’s network.',
  );
