import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

const MIME: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};

export interface StaticFile {
  body: Buffer<ArrayBuffer>;
  headers: Record<string, string>;
}

/** The headers of everything a host answers the page with. */
export const guardHeaders = (policy: string): Record<string, string> => ({
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
});

/**
 * One file under `root` for a URL path; null when there is none, its kind is not known, or the path leaves root.
 * Files in `assets` carry a hash in their name and may be kept; the rest is asked for anew each time.
 */
export async function readStatic(root: string, urlPath: string, policy: string): Promise<StaticFile | null> {
  let path: string;
  try {
    path = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  const home = resolve(root);
  const file = resolve(home, `.${path === '/' ? '/index.html' : path}`);
  if (path.includes('\0') || !file.startsWith(home + sep)) return null;
  const type = MIME[extname(file)];
  if (!type) return null;
  try {
    return {
      body: await readFile(file),
      headers: {
        ...guardHeaders(policy),
        'content-type': type,
        'cache-control': file.startsWith(`${home}${sep}assets${sep}`)
          ? 'public, max-age=31536000, immutable'
          : 'no-store',
      },
    };
  } catch {
    return null;
  }
}
