import { join } from 'node:path';
import { protocol } from 'electron';
import { csp } from '../shared/csp.ts';
import { readStatic } from '../engine/host/static-files.ts';
import { SCHEME } from './origin.ts';

const RENDERER = join(import.meta.dirname, '../renderer');

/** Before the app is ready: a scheme with an origin of its own, so that the page's policy means something. */
export function registerBundle(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built page. @param server where the event server listens, once it does: all the page may connect to */
export function serveBundle(server: () => Promise<string | null>): void {
  protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    const policy = csp(await server());
    const file =
      url.host === 'bundle' && request.method === 'GET' ? await readStatic(RENDERER, url.pathname, policy) : null;
    return file
      ? new Response(file.body, { headers: file.headers })
      : new Response('Not found', { status: 404, headers: { 'content-security-policy': policy } });
  });
}
