import { isLoopbackHost } from './loopback.ts';

/**
 * What a lane accepts: by default what Chromium does, which offers `br` and `zstd` only over TLS and to the machine itself.
 * @param setting `off` asks for the bytes as they are; a list goes out as it stands
 */
export function acceptEncoding(setting: string | undefined, url: string): string {
  if (setting === 'off') return 'identity';
  if (setting !== undefined) return setting;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || isLoopbackHost(hostname) ? 'gzip, deflate, br, zstd' : 'gzip, deflate';
}
