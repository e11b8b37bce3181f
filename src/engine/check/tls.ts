import { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { errorCode, errorText, hostOf, portOf, secondsText, within, type Probe } from './probe.ts';
import { failed, ok, type StepResult } from './step-list.ts';

/** What an HTTP/2-only server says of itself, at whatever step it shows. */
export const HTTP2_ONLY = failed(
  'The server speaks HTTP/2 only; Heartline’s lanes speak HTTP/1.1.',
  'Let the server (or a proxy before it) offer http/1.1 by ALPN too, and use that address.',
);

/** How long the question for HTTP/2 may take. */
const HTTP2_ASK_MS = 1000;

/** Shakes hands. A certificate that is not trusted is read before it is refused, so that it can be named. */
export async function shakeHands(p: Probe, socket: Socket): Promise<StepResult<tls.TLSSocket>> {
  const host = hostOf(p.url);
  const name = p.tls.servername ?? host;
  const limit = p.left();
  const secured = tls.connect({
    ...p.tls,
    socket,
    host: name,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false, // nothing is sent before `authorized` has been looked at
    ...(isIP(name) ? { servername: undefined } : { servername: name }),
  });
  p.onOver(() => secured.destroy());
  const shaken = new Promise<true>((resolve, reject) => {
    secured.once('secureConnect', () => resolve(true));
    secured.on('error', reject);
    secured.once('close', () => reject(Object.assign(new Error('closed'), { code: 'ECONNRESET' })));
  });
  try {
    if ((await within(p.clock, limit, shaken)) === null) {
      return failed(
        `No TLS answer within ${secondsText(limit)}.`,
        `Check whether port ${portOf(p.url, true)} speaks TLS; if it does not, write ${plainScheme(p.url)}//.`,
      );
    }
  } catch (error) {
    return refusedHandshake(p, error);
  }
  const insecure = p.tls.rejectUnauthorized === false;
  if (!secured.authorized && !insecure) return untrusted(secured, name);
  const protocol = secured.getProtocol()?.replace('v', ' ') ?? 'TLS';
  const agreed = secured.alpnProtocol ? `${secured.alpnProtocol} agreed by ALPN` : 'no protocol agreed by ALPN';
  if (!secured.authorized) {
    const text = `${protocol}, ${agreed}; the certificate is not trusted, and taken all the same (${String(secured.authorizationError)}).`;
    return { outcome: 'unknown', text, hint: 'Give the authority of the server instead.', value: secured };
  }
  const http2 = (await offersHttp2(p, name)) ? ' A browser would speak HTTP/2 here; what follows is HTTP/1.1.' : '';
  return ok(`${protocol}, ${agreed}; the certificate is for ${name}.${http2}`, secured);
}

/** Whether the server would rather speak HTTP/2: asked on a connection of its own, which is left at once. */
async function offersHttp2(p: Probe, name: string): Promise<boolean> {
  if (p.proxy || p.url.protocol === 'wss:') return false;
  const asked = tls.connect({
    ...p.tls,
    host: hostOf(p.url),
    port: portOf(p.url, true),
    ALPNProtocols: ['h2', 'http/1.1'],
    rejectUnauthorized: false,
    ...(isIP(name) ? { servername: undefined } : { servername: name }),
    lookup: (host, options, done) => {
      p.lookup(host).then(
        (found) => (options.all ? done(null, found) : done(null, found[0]!.address, found[0]!.family)),
        () => done(new Error(`no address for ${host}`), '', 4),
      );
    },
  });
  const chosen = new Promise<boolean>((resolve) => {
    asked.once('secureConnect', () => resolve(asked.alpnProtocol === 'h2'));
    asked.on('error', () => resolve(false));
  });
  const found = await within(p.clock, Math.min(HTTP2_ASK_MS, p.left()), chosen);
  asked.destroy();
  return found ?? false;
}

function refusedHandshake(p: Probe, error: unknown): StepResult<never> {
  const code = errorCode(error);
  if (code.includes('NO_APPLICATION_PROTOCOL')) return HTTP2_ONLY;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE/.test(code)) {
    return failed(
      `What answers at port ${portOf(p.url, true)} does not speak TLS.`,
      `Write ${plainScheme(p.url)}// instead, or check the port.`,
    );
  }
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|HANDSHAKE_FAILURE|ALERT/.test(code)) {
    return failed(
      `The server refuses the handshake: ${errorText(error).replace(/^.*:SSL routines:[^:]*:/, '')}`,
      'It may ask for a client certificate, or speak no TLS version that is still in use.',
    );
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') {
    return failed(
      'The connection was closed during the TLS handshake.',
      'Check whether this host name is served there, and whether something on the way forbids it.',
    );
  }
  return failed(`The TLS handshake failed (${code || errorText(error)}).`, 'Check the scheme and the port.');
}

function untrusted(secured: tls.TLSSocket, host: string): StepResult<never> {
  const certificate: Partial<tls.PeerCertificate> = secured.getPeerCertificate();
  const code = String(secured.authorizationError);
  secured.destroy();
  const issuer = [certificate.issuer?.O ?? certificate.issuer?.CN ?? 'nobody it names'].flat().join(', ');
  if (code.includes('ALTNAME_INVALID') || code.includes('altnames')) {
    const common = [certificate.subject?.CN ?? 'another name'].flat().join(', ');
    const names = certificate.subjectaltname?.replaceAll(/(DNS|IP Address):/g, '') ?? common;
    return failed(`The certificate is for ${names}, not for ${host}.`, 'Use a name that it is for.');
  }
  if (code.includes('EXPIRED')) {
    return failed(
      `The certificate expired on ${certificate.valid_to}.`,
      'Renew it on the server, or check this machine’s date.',
    );
  }
  if (code.includes('NOT_YET_VALID')) {
    return failed(`The certificate is valid only from ${certificate.valid_from}.`, 'Check this machine’s date.');
  }
  return failed(
    `The certificate, issued by ${issuer}, is not from an authority that is trusted here (${code}).`,
    'If the authority is your own, start Heartline with NODE_EXTRA_CA_CERTS set to its certificate’s file.',
  );
}

const plainScheme = (url: URL): string => (url.protocol === 'wss:' ? 'ws:' : 'http:');
