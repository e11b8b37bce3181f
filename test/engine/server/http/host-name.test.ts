import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { checkHost, isOwnHost } from '../../../../src/engine/server/http/host-name.ts';

describe('the names of a server', () => {
  it.each(['127.0.0.1', 'localhost', '::1'])('on %s are those of the loopback', (address) => {
    for (const host of ['127.0.0.1:80', 'localhost', '[::1]:8080']) expect(isOwnHost(host, address)).toBe(true);
    for (const host of ['', ':80', 'evil.example', '192.168.1.5', hostname() + '.evil.example']) {
      expect(() => checkHost(host, address)).toThrow(expect.objectContaining({ status: 421 }));
    }
  });

  it.each(['0.0.0.0', '192.168.1.5', '::'])('on %s are addresses and what the machine is called', (address) => {
    for (const host of ['192.168.1.5:80', '[fd00::1]', hostname(), 'localhost:80']) {
      expect(isOwnHost(host, address)).toBe(true);
    }
    expect(isOwnHost('evil.example', address)).toBe(false);
    expect(() => checkHost('behind-a-proxy.example', address)).not.toThrow();
  });
});
