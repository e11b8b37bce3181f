/** What a failed TLS handshake means, in words that fit any client. Node's own advise to set flags of Node. */
const SENTENCES: Record<string, string> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by itself, and by nobody this machine trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate comes from an authority this machine does not trust',
  UNABLE_TO_GET_ISSUER_CERT: 'the issuer of the certificate is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the certificate comes from an authority this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the server does not send the intermediate certificates that lead to a known authority',
  CERT_HAS_EXPIRED: 'the certificate has expired',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL: 'the server refuses HTTP/1.1 (ALPN): it speaks HTTP/2 only',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the server asks for a client certificate, and none was given',
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'the server does not take the client certificate',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'the server does not trust the authority of the client certificate',
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'the client certificate has expired',
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    'the server breaks the handshake off: it may ask for a client certificate, or for other ciphers',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'the server knows no host of this name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'what answers there does not speak TLS: check scheme and port',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'what answers there does not speak TLS: check scheme and port',
};

// eslint-disable-next-line no-control-regex -- what OpenSSL ends its lines with, and worse
const CONTROLS = /[\x00-\x1f\x7f]/g;

export function tlsFailure(error: NodeJS.ErrnoException): string {
  const known = SENTENCES[error.code ?? ''];
  if (known !== undefined) return known;
  if (/no application protocol|alert number 120/.test(error.message)) {
    return SENTENCES['ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL']!;
  }
  if (/wrong version number|packet length too long/.test(error.message))
    return SENTENCES['ERR_SSL_WRONG_VERSION_NUMBER']!;
  // OpenSSL: "write EPROTO 400D…:error:0A000460:SSL routines:ssl3_read_bytes:tlsv1 alert …:../deps/…:SSL alert number …"
  const openssl = /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+):/.exec(error.message)?.[1];
  const said = openssl ?? error.message;
  return said
    .replace(/; if the root CA.*$/s, '')
    .replaceAll(CONTROLS, ' ')
    .trim();
}

/** Whether the other side has told what it did not like: a client certificate is judged after the handshake (RFC 8446, 4.4.2.4). */
export const isAlert = (error: NodeJS.ErrnoException): boolean => /^ERR_SSL_.*ALERT/.test(error.code ?? '');

/** Whether what came instead of an HTTP/1 answer is an HTTP/2 SETTINGS frame on stream 0 (RFC 9113, 3.4 and 6.5). */
export const isHttp2 = (bytes: Buffer | undefined): boolean =>
  bytes !== undefined && bytes.length >= 9 && bytes[0] === 0 && bytes[3] === 4 && bytes.readUInt32BE(5) === 0;

export const HTTP2_ONLY = 'what answers there speaks HTTP/2 only, and lanes speak HTTP/1.1';
