import type { LookupAddress } from 'node:dns';
import net from 'node:net';
import { errorCode, errorText, secondsText, within, type Probe } from './probe.ts';
import { dialled } from './proxied.ts';
import { failed, ok, type StepResult } from './step-list.ts';

/** Connects by TCP, to whichever address answers first (RFC 8305), as lanes do. */
export async function connectTcp(p: Probe, addresses: LookupAddress[]): Promise<StepResult<net.Socket>> {
  const { host, port } = dialled(p);
  const limit = p.left();
  const socket = net.connect({
    host,
    port,
    noDelay: true,
    lookup: (_host, options, done) => {
      if (options.all) done(null, addresses);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    },
  });
  p.onOver(() => socket.destroy());
  const connected = new Promise<true>((resolve, reject) => {
    socket.once('connect', () => resolve(true));
    socket.once('close', () => reject(new Error('closed')));
    socket.on('error', reject); // stays: what comes later is the next step's to tell
  });
  try {
    if ((await within(p.clock, limit, connected)) === null) {
      return failed(
        `Nothing answers at ${where(host, port)} within ${secondsText(limit)}.`,
        'Check host and port; a firewall may drop what is sent there.',
      );
    }
    return ok(`Connected to ${where(socket.remoteAddress ?? host, port)}.`, socket);
  } catch (error) {
    return refusedConnection(error, where(addresses.length === 1 ? addresses[0]!.address : host, port));
  }
}

function refusedConnection(error: unknown, at: string): StepResult<never> {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  const code = errorCode(error) || errorCode(first);
  switch (code) {
    case 'ECONNREFUSED':
      return failed(
        `${at} refuses connections: nothing listens there.`,
        'Start the server, or check the port; it may listen on another address of that machine.',
      );
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return failed(`There is no route to ${at}.`, 'Check this machine’s network, or whether a VPN has to be on.');
    case 'ETIMEDOUT':
      return failed(`Nothing answers at ${at}.`, 'Check host and port; a firewall may drop what is sent there.');
    case 'ECONNRESET':
      return failed(`${at} reset the connection at once.`, 'A firewall or a proxy on the way does not let it through.');
    default:
      return failed(`No connection to ${at} (${code || errorText(error)}).`, 'Check host and port.');
  }
}

const where = (host: string, port: number): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
