/** The flags of `watch` by which an endpoint is asked: request, auth, TLS, proxy, rules. */
import type { Command } from 'commander';
import type { TargetAuth } from '../../shared/endpoint/auth.ts';
import { isProxySetting } from '../../shared/endpoint/proxy.ts';
import { parseRetryRule } from '../../shared/endpoint/retry-rules.ts';
import type { TargetTls } from '../../shared/endpoint/tls.ts';
import { failureData } from '../../shared/failure.ts';
import type { RemoteTarget } from '../../shared/target.ts';
import * as flag from '../args/flags.ts';
import { secretText } from '../args/secret-text.ts';

export interface EndpointFlags {
  endpoint?: string;
  httpMethod?: string;
  data?: string;
  open?: string[];
  subprotocol?: string[];
  token?: string;
  tokenCmd?: string;
  tokenUrl?: string;
  var?: Record<string, string>;
  cacert?: string;
  cert?: string;
  key?: string;
  pass?: string;
  insecure?: boolean;
  proxy?: string;
  deadline?: number;
  retryOn?: string[];
  env?: string;
  allowCommands?: boolean;
}

const SECRET = 'or @FILE, or env:NAME, which keeps it out of the list of processes';

export const addEndpointFlags = (command: Command): Command =>
  command
    .option('--endpoint <NAME>', 'a saved endpoint; what other flags say is laid over it')
    .option('--http-method <METHOD>', 'of streams and polls (default GET, with --data POST)', httpMethod)
    .option('--data <BODY>', `the body of a request, ${SECRET}`, (text: string) => secretText('--data', text, 'raw'))
    .option('--open <JSON>', 'a message that a WebSocket sends at every connect, or @FILE; may repeat', openMessage)
    .option('--subprotocol <P>', 'offered by a WebSocket; may repeat', flag.collect)
    .option('--token <T>', `a bearer token, or what {token} stands for, ${SECRET}`, (text: string) =>
      secretText('--token', text),
    )
    .option(
      '--token-cmd <CMD>',
      'a command that prints the token (or {"token","expiresAt"}) on its first line, within 10 s; asked anew where one is needed',
    )
    .option('--token-url <URL>', 'a URL that answers the same', tokenUrl)
    .option('--var <NAME=V>', 'what {var.NAME} stands for; may repeat', variable)
    .option('--env <FILE>', 'variables and secrets, NAME=value or NAME: value a line: {var.NAME}, {secret.NAME}')
    .option('--cacert <FILE>', 'a PEM of authorities that are trusted too')
    .option('--cert <FILE>', 'the client’s certificate, as PEM or PKCS #12 (.p12, .pfx)')
    .option('--key <FILE>', 'its key, as PEM')
    .option('--pass <P>', `the passphrase of the key or the PKCS #12 file, ${SECRET}`, (text: string) =>
      secretText('--pass', text),
    )
    .option('--insecure', 'take any certificate; said in every lane')
    .option(
      '--proxy <URL>',
      `http://[user:pass@]host:port or socks5://…, none, or env (the default: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY), ${SECRET}`,
      proxy,
    )
    .option('--deadline <T>', 'the longest that a connection or a poll may take in all', flag.duration('--deadline'))
    .option('--retry-on <LIST>', 'what comes back, or not: 503,5xx,4000-4099,1008=stop,401=refresh', retryOn)
    .option('--allow-commands', 'run the token command of a saved endpoint too');

function httpMethod(text: string): string {
  const method = text.toUpperCase();
  if (/^[A-Z]{1,20}$/.test(method) && !['CONNECT', 'HEAD', 'TRACE'].includes(method)) return method;
  throw flag.refuse('--http-method', `"${text}" is no method to ask for events by.`, 'Write GET, POST, PUT or PATCH.');
}

function openMessage(text: string, before: string[] = []): string[] {
  if (text.startsWith('@')) return [...before, secretText('--open', text)];
  try {
    // what a template stands for may make it JSON
    if (!/\{(token|cursor\??|channel|(var|secret)\.[\w.-]+)(:number)?\}/.test(text)) JSON.parse(text);
  } catch {
    const hint = `Write such as '{"op":"subscribe"}', or @FILE for any other text.`;
    throw flag.refuse('--open', 'It is not JSON.', hint);
  }
  return [...before, text];
}

function variable(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, value] = /^([\w.-]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw flag.refuse('--var', 'It is not NAME=value.', 'Write such as --var room=7.');
  return { ...before, [name]: value };
}

function tokenUrl(text: string): string {
  return flag.url('--token-url', text, 'sse');
}

function proxy(text: string): string {
  const setting = secretText('--proxy', text);
  if (isProxySetting(setting)) return setting;
  throw flag.refuse('--proxy', 'It is not a proxy.', 'Write http://host:port, socks5://host:port, env or none.');
}

function retryOn(text: string, before: string[] = []): string[] {
  const rules = text.split(',').map((rule) => {
    try {
      return parseRetryRule(rule).text;
    } catch (error) {
      const { message, hint } = failureData(error);
      throw flag.refuse('--retry-on', message, hint ?? 'Write such as 503,5xx.');
    }
  });
  return [...before, ...rules];
}

/** What the flags say of a target, to be laid over a saved one. */
export function targetOfFlags(flags: EndpointFlags): Partial<RemoteTarget> {
  const auth = authOf(flags);
  const tls = tlsOf(flags);
  return {
    ...(flags.httpMethod === undefined ? {} : { httpMethod: flags.httpMethod }),
    ...(flags.data === undefined ? {} : { body: flags.data }),
    ...(flags.open === undefined ? {} : { open: flags.open }),
    ...(flags.subprotocol === undefined ? {} : { subprotocols: flags.subprotocol }),
    ...(auth ? { auth } : {}),
    ...(tls ? { tls } : {}),
    ...(flags.proxy === undefined ? {} : { proxy: flags.proxy }),
    ...(flags.deadline === undefined ? {} : { deadlineMs: flags.deadline }),
    ...(flags.retryOn === undefined ? {} : { retryOn: flags.retryOn }),
  };
}

function authOf({ token, tokenCmd, tokenUrl }: EndpointFlags): TargetAuth | null {
  const given = [token && '--token', tokenCmd && '--token-cmd', tokenUrl && '--token-url'].filter((one) => one);
  if (given.length > 1) {
    throw flag.refuse(
      given[1]!,
      `${given[0]} gives a token already.`,
      'Give one of --token, --token-cmd, --token-url.',
    );
  }
  if (token !== undefined) return { type: 'bearer', token };
  if (tokenCmd !== undefined) {
    if (tokenCmd.trim() === '') throw flag.refuse('--token-cmd', 'It is empty.', 'Give a command that prints a token.');
    return { type: 'token-command', command: tokenCmd };
  }
  return tokenUrl === undefined ? null : { type: 'token-url', url: tokenUrl };
}

function tlsOf({ cacert, cert, key, pass, insecure }: EndpointFlags): TargetTls | null {
  if (key !== undefined && cert === undefined)
    throw flag.refuse('--key', 'There is no certificate that it would belong to.', 'Give --cert too.');
  if (pass !== undefined && cert === undefined)
    throw flag.refuse('--pass', 'There is nothing that it would open.', 'Give --cert too.');
  const isPfx = cert !== undefined && /\.(p12|pfx)$/i.test(cert);
  if (isPfx && key !== undefined)
    throw flag.refuse('--key', 'A PKCS #12 file holds its key itself.', 'Leave --key out.');
  if ([cacert, cert, insecure].every((one) => one === undefined)) return null;
  return {
    ...(cacert === undefined ? {} : { ca: cacert }),
    ...(cert === undefined ? {} : isPfx ? { pfx: cert } : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(pass === undefined ? {} : { passphrase: pass }),
    ...(insecure ? { insecure } : {}),
  };
}

/** By which flag a field of a target was given. */
export function flagOfField(field: string): string | null {
  const FLAGS: Record<string, string> = {
    body: '--data',
    httpMethod: '--http-method',
    open: '--open',
    subprotocols: '--subprotocol',
    'auth.token': '--token',
    'auth.command': '--token-cmd',
    'auth.url': '--token-url',
    auth: '--token-cmd',
    'tls.ca': '--cacert',
    'tls.cert': '--cert',
    'tls.pfx': '--cert',
    'tls.key': '--key',
    'tls.passphrase': '--pass',
    proxy: '--proxy',
    retryOn: '--retry-on',
    dialect: '--dialect',
  };
  if (field.startsWith('headers.')) return '--header';
  return FLAGS[field] ?? null;
}
