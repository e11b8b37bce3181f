import { isIP, type Socket } from 'node:net';
import { proxyHandshake, proxyName } from '../client/net/proxy-handshake.ts';
import type { ProxyRoute } from '../client/net/proxy-choice.ts';
import { hostOf, portOf, secondsText, within, type Probe } from './probe.ts';
import { failed, ok, type StepResult } from './step-list.ts';

/** Where the first connection goes: to the upstream proxy, or to the target itself. */
export const dialled = (p: Probe): { host: string; port: number } =>
  p.proxy ?? { host: hostOf(p.url), port: portOf(p.url, p.secure) };

/** Whether the proxy takes the request whole, so that no tunnel is asked for. */
export const takesWholeRequests = (p: Probe): boolean => p.proxy?.kind === 'http' && p.url.protocol === 'http:';

/** Asks the upstream proxy to let bytes through to the target. */
export async function tunnel(p: Probe, proxy: ProxyRoute, socket: Socket): Promise<StepResult<Socket>> {
  const limit = p.left();
  const who = `Connected to the proxy ${proxyName(proxy)}`;
  if (takesWholeRequests(p)) return ok(`${who}, which takes requests whole.`, socket);
  const host = hostOf(p.url);
  // whoever says socks5 and not socks5h resolves the name here
  const [first] = proxy.kind === 'socks5' && isIP(host) === 0 ? await p.lookup(host) : [];
  const handshake = proxyHandshake(proxy, first?.address ?? host, portOf(p.url, p.secure));
  const refused = await within(p.clock, limit, shake(socket, handshake));
  if (refused === null) return failed(`${who}, which gives no answer within ${secondsText(limit)}.`, 'Check its port.');
  if (refused !== '')
    return failed(
      `${refused.charAt(0).toUpperCase()}${refused.slice(1)}.`,
      'Check the proxy, and its user and password.',
    );
  return ok(`${who}, which lets it through.`, socket);
}

/** @returns what the proxy said against it; empty: the way is open */
function shake(socket: Socket, handshake: ReturnType<typeof proxyHandshake>): Promise<string> {
  return new Promise((resolve) => {
    const onData = (bytes: Buffer): void => {
      const step = handshake.feed(bytes);
      if (step.is === 'more') {
        if (step.send) socket.write(step.send);
        return;
      }
      socket.off('data', onData);
      socket.pause();
      if (step.is === 'open' && step.rest.length > 0) socket.unshift(step.rest);
      resolve(step.is === 'open' ? '' : step.detail);
    };
    socket.on('data', onData);
    socket.once('close', () => resolve('the proxy closed the connection before it let it through'));
    socket.write(handshake.start());
  });
}
