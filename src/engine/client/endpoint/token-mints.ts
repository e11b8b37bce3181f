/** Where each kind of auth has its tokens from. */
import type { Clock } from '../../../shared/clock.ts';
import { fillText, type TemplateValues } from '../../../shared/dialect/template.ts';
import type { TargetAuth } from '../../../shared/endpoint/auth.ts';
import { Failure, failureData } from '../../../shared/failure.ts';
import { askOnce } from '../net/ask-once.ts';
import type { ClientNetwork } from '../net/network.ts';
import { noToken, tokenAnswer } from './token-answer.ts';
import { tokenFromCommand } from './token-command.ts';
import type { MintedToken } from './token-source.ts';

const TOKEN_LIMIT_MS = 10_000;

export interface MintDeps {
  /** The endpoint's own name. */
  name: string;
  values: TemplateValues;
  clock: Clock;
  /** Ends what is under way. */
  signal: AbortSignal;
  /** By which way the token's server is asked. */
  network: () => ClientNetwork;
  /** Whether a person gave this command, or has confirmed it. */
  mayRun: (command: string) => boolean;
  onSecret: (value: string) => void;
}

/** @returns null: this kind of auth has no token that is asked for */
export function mintOf(auth: TargetAuth, d: MintDeps): (() => Promise<MintedToken>) | null {
  if (auth.type === 'token-command') return () => byCommand(auth.command, d);
  if (auth.type === 'token-url') return () => byUrl(auth, d);
  return auth.type === 'oauth2' ? oauth2(auth, d) : null;
}

async function byCommand(command: string, d: MintDeps): Promise<MintedToken> {
  if (d.mayRun(command)) return tokenFromCommand(command, d.name, { clock: d.clock, signal: d.signal });
  throw new Failure({
    code: 'command-not-confirmed',
    message: `The token command of "${d.name}" came from elsewhere and is not run: ${command}`,
    hint: 'Confirm it in the desktop, give it with --token-cmd, or allow commands with --allow-commands.',
    place: 'auth.command',
    exit: 2,
  });
}

async function byUrl(
  { url, headers = {} }: Extract<TargetAuth, { type: 'token-url' }>,
  d: MintDeps,
): Promise<MintedToken> {
  const fill = (text: string): string => fillText(text, d.values) ?? '';
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), fill(value)]));
  const answer = await ask(fill(url), d, { headers: { accept: 'application/json, text/plain;q=0.9', ...own } });
  return tokenAnswer(answer, 'The token URL', d.clock.unixTime());
}

/** The grants `client_credentials` and `refresh_token` (RFC 6749, 4.4 and 6). A refresh token may be replaced with each answer. */
function oauth2(auth: Extract<TargetAuth, { type: 'oauth2' }>, d: MintDeps): () => Promise<MintedToken> {
  let replaced: string | null = null;
  return async () => {
    const fill = (text: string): string => fillText(text, d.values) ?? '';
    const form = new URLSearchParams();
    if (auth.grant === 'refresh-token') {
      form.set('grant_type', 'refresh_token');
      form.set('refresh_token', replaced ?? fill(auth.refreshToken ?? ''));
    } else form.set('grant_type', 'client_credentials');
    if (auth.scope) form.set('scope', fill(auth.scope));
    if (auth.audience) form.set('audience', fill(auth.audience));
    const [id, secret] = [fill(auth.clientId), auth.clientSecret === undefined ? null : fill(auth.clientSecret)];
    const headers: Record<string, string> = {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    };
    if (secret === null || auth.clientAuth === 'body') {
      form.set('client_id', id);
      if (secret !== null) form.set('client_secret', secret);
    } else {
      // RFC 6749, 2.3.1: each part is form-encoded first
      const encoded = `${encodeURIComponent(id)}:${encodeURIComponent(secret)}`;
      const credentials = Buffer.from(encoded, 'utf8').toString('base64');
      d.onSecret(credentials);
      headers['authorization'] = `Basic ${credentials}`;
    }
    const body = await ask(fill(auth.tokenUrl), d, { method: 'POST', headers, body: form.toString() });
    const minted = tokenAnswer(body, 'The authorization server', d.clock.unixTime());
    const [, next] = /"refresh_token"\s*:\s*"([^"]+)"/.exec(body) ?? [];
    if (next !== undefined) {
      d.onSecret(next);
      replaced = next;
    }
    return minted;
  };
}

async function ask(
  url: string,
  d: MintDeps,
  request: { method?: string; headers: Record<string, string>; body?: string },
): Promise<string> {
  const host = URL.canParse(url) ? new URL(url).host : 'its address';
  const who = `The server of the token (${host})`;
  const network = d.network();
  try {
    const { clock, signal } = d;
    const { status, body } = await askOnce({ network, clock, url, ...request, timeoutMs: TOKEN_LIMIT_MS, signal });
    if (status >= 200 && status < 300) return body;
    const said = /"error(?:_description)?"\s*:\s*"([^"]{1,100})"/.exec(body)?.[1];
    throw noToken(
      `${who} answers ${status}${said === undefined ? '' : `: ${said}`}.`,
      'Check its URL and what it is given.',
    );
  } catch (error) {
    const { code, message } = failureData(error);
    if (code === 'no-token') throw error;
    throw noToken(`${who} gives none: ${message.replace(/\.$/, '')}.`, 'Check its URL, and that it is up.');
  } finally {
    network.destroy();
  }
}
