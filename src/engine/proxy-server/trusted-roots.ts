import tls from 'node:tls';

let machineContext: tls.SecureContext | null = null;

/**
 * Trusts whom this machine trusts: its own store beside Node's, and the file in NODE_EXTRA_CA_CERTS. Read once, when it
 * is needed: some hundred certificates take a while.
 * @param roots instead, PEM
 */
export function trustedContext(roots?: readonly string[]): tls.SecureContext {
  if (roots) return tls.createSecureContext({ ca: [...roots] });
  machineContext ??= tls.createSecureContext({
    ca: [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])],
  });
  return machineContext;
}
