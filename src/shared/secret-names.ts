/** Which names tell of secrets. */

/** Compared without case, `-`, `_` and `.`: `X-Api-Key`, `api_key` and `apiKey` are one name. */
const SECRET_NAMES = new Set([
  'auth',
  'authorization',
  'proxyauthorization',
  'bearer',
  'cookie',
  'setcookie',
  'key',
  'accesskey',
  'privatekey',
  'sig',
  'hmac',
  'pwd',
  'pass',
  'session',
  'sessionid',
  'sid',
  'ticket',
]);
const SECRET_PARTS = /token|secret|passw|passphrase|apikey|signature|jwt|credential|sessionid|auth$|authkey/;
/** `subscription-key`, `X-Functions-Key`, `AccountKey`; but not `routing-key` or `Sec-WebSocket-Key`. */
const SECRET_KEYS =
  /(account|app|application|client|customer|encryption|function|functions|host|license|master|service|shared|signing|storage|subscription|user)key$/;
/** Whether a header or field of this name is likely to carry a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.\s]/g, '');
  return SECRET_NAMES.has(plain) || SECRET_PARTS.test(plain) || SECRET_KEYS.test(plain);
}
