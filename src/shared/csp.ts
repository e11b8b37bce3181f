/**
 * One policy for every host: no inline script or style, no eval, nothing from elsewhere. The page may speak to its own
 * origin and, by fetch, EventSource and WebSocket, to exactly one event server.
 * @param eventServer that server's http(s) URL; null while there is none
 */
export function csp(eventServer: string | null): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${sourcesOf(eventServer)}`, // 'self' covers ws: to the same host and port (CSP 3)
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
  ].join('; ');
}

/** ` http://127.0.0.1:8080 ws://127.0.0.1:8080`; nothing when it is no plain http(s) origin, so that no policy is bent. */
function sourcesOf(url: string | null): string {
  const origin = /^http(s?):\/\/(\[[0-9a-f:]+\]|[a-z0-9.-]+)(:\d{1,5})?(?=\/|$)/i.exec(url ?? '');
  if (!origin) return '';
  const [, s, host, port = ''] = origin;
  return ` http${s}://${host}${port} ws${s}://${host}${port}`;
}
