/** What is wrong with how a target is reached: its requests, auth, TLS, proxy and rules for coming back. */
import { METHODS } from '../catalog.ts';
import { failureData } from '../failure.ts';
import type { FieldProblem } from '../field-problem.ts';
import type { RemoteTarget } from './remote-target.ts';
import { urlParts } from '../url-parts.ts';
import type { TargetAuth } from './auth.ts';
import { requestProblems } from './check-request.ts';
import { isProxySetting } from './proxy.ts';
import { parseRetryRule } from './retry-rules.ts';
import type { TargetTls } from './tls.ts';

export function endpointProblems(target: RemoteTarget): FieldProblem[] {
  const { methods = {}, auth, tls, proxy, retryOn = [], headers } = target;
  const problems = requestProblems('', target, headers);
  for (const method of METHODS) {
    const own = methods[method];
    if (own) problems.push(...requestProblems(`methods.${method}.`, own, headers));
  }
  if (auth) problems.push(...authProblems(auth));
  if (tls) problems.push(...tlsProblems(tls));
  if (proxy !== undefined && !isProxySetting(proxy)) {
    const hint = 'Write http://host:port, socks5://host:port, env or none.';
    problems.push({ field: 'proxy', message: 'It is not a proxy.', hint }); // and what it is may hold a password
  }
  for (const rule of retryOn) {
    try {
      parseRetryRule(rule);
    } catch (error) {
      const { message, hint } = failureData(error);
      problems.push({ field: 'retryOn', message, ...(hint === undefined ? {} : { hint }) });
    }
  }
  return problems;
}

/** What each kind of auth cannot do without. */
function authProblems(auth: TargetAuth): FieldProblem[] {
  switch (auth.type) {
    case 'none':
      return [];
    case 'bearer':
      return missing('auth.token', auth.token, 'a token', 'Give it, or {secret.NAME}.');
    case 'basic':
      return missing('auth.user', auth.user, 'a user', 'Give user and password.');
    case 'api-key':
      return [
        ...missing('auth.name', auth.name, 'the name of its header, parameter or cookie', 'X-Api-Key is usual.'),
        ...missing('auth.value', auth.value, 'a value', 'Give it, or {secret.NAME}.'),
      ];
    case 'oauth2':
      return [
        ...tokenUrl('auth.tokenUrl', auth.tokenUrl),
        ...missing('auth.clientId', auth.clientId, 'the id of a client', 'The authorization server gives one.'),
        ...(auth.grant === 'refresh-token'
          ? missing('auth.refreshToken', auth.refreshToken ?? '', 'a refresh token', 'Give it, or {secret.NAME}.')
          : []),
      ];
    case 'token-command':
      return missing('auth.command', auth.command, 'a command', 'It prints a token on its first line.');
    case 'token-url':
      return tokenUrl('auth.url', auth.url);
  }
}

const missing = (field: string, value: string, what: string, hint: string): FieldProblem[] =>
  value.trim() === '' ? [{ field, message: `It needs ${what}.`, hint }] : [];

function tokenUrl(field: string, text: string): FieldProblem[] {
  if (/^\{(var|secret)\./.test(text)) return [];
  const scheme = urlParts(text.trim())?.scheme;
  if (scheme === 'http:' || scheme === 'https:') return [];
  return [{ field, message: 'It is not a URL that could give a token.', hint: 'Write https://host/path.' }];
}

function tlsProblems({ cert, key, pfx, passphrase }: TargetTls): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const add = (field: string, message: string, hint: string): void => void problems.push({ field, message, hint });
  if (key !== undefined && cert === undefined)
    add('tls.cert', 'The key has no certificate.', 'Give its certificate too.');
  if (pfx !== undefined && (cert !== undefined || key !== undefined))
    add('tls.pfx', 'There are two client certificates.', 'Give a PKCS #12 file, or certificate and key.');
  if (passphrase !== undefined && pfx === undefined && cert === undefined)
    add('tls.passphrase', 'There is nothing that it would open.', 'Give a key, or a PKCS #12 file.');
  return problems;
}
