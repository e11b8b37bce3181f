import { describe, expect, it } from 'vitest';
import { isHttp2, tlsFailure } from '../../../../src/engine/client/net/tls-error.ts';

const error = (message: string, code?: string): Error => Object.assign(new Error(message), code ? { code } : {});

describe('a failed TLS handshake', () => {
  it('gives no advice to whoever runs Node', () => {
    const advice = '; if the root CA is installed locally, try running Node.js with --use-system-ca';
    for (const code of [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'X',
    ]) {
      expect(tlsFailure(error(`it failed${advice}`, code))).not.toMatch(/Node|--/);
    }
  });

  it('names a server that speaks HTTP/2 only', () => {
    const seen =
      'write EPROTO 400D43B5397F0000:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert no application protocol:../deps/openssl/ssl/record/rec_layer_s3.c:916:SSL alert number 120\n';
    expect(tlsFailure(error(seen, 'EPROTO'))).toMatch(/HTTP\/2 only/);
  });

  it('shows of any other OpenSSL error what it says, in one line', () => {
    const seen =
      'write EPROTO 400D:error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure:../deps/x.c:9:SSL alert number 40\n';
    expect(tlsFailure(error(seen, 'EPROTO'))).toBe('sslv3 alert handshake failure');
  });
});

it('an answer in HTTP/1 is no SETTINGS frame', () => {
  expect(isHttp2(Buffer.from('HTTP/1.1 200 OK'))).toBe(false);
  expect(isHttp2(undefined)).toBe(false);
});
