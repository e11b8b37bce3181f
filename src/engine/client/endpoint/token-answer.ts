import { Failure } from '../../../shared/failure.ts';
import { isRecord } from '../../../shared/guards.ts';
import { parseJsonObject } from '../../wire/json.ts';
import type { MintedToken } from './token-source.ts';

/**
 * What a command prints or a URL answers: the token alone, `{"token","expiresAt"}`, or what an authorization server says
 * (`access_token`, `expires_in`; RFC 6749, 5.1).
 * @param who begins a sentence: `The token command`
 * @throws Failure `no-token`
 */
export function tokenAnswer(text: string, who: string, now: number): MintedToken {
  const line = text.trim();
  if (!line.startsWith('{')) {
    const token = line.split(/\r?\n/, 1)[0]!.trim();
    if (token === '') throw noToken(`${who} gave nothing.`);
    if (/[^\x21-\x7e]/.test(token)) throw noToken(`${who} gave a text with spaces or other signs that no token has.`);
    return { token, expiresAt: null };
  }
  const json = parseJsonObject(line);
  if (!isRecord(json)) throw noToken(`${who} gave what begins as JSON and is none.`);
  const token = json['token'] ?? json['access_token'] ?? json['id_token'];
  if (typeof token !== 'string' || token === '') {
    const said = typeof json['error'] === 'string' ? `: ${json['error'].slice(0, 100)}` : '';
    throw noToken(`${who} gave JSON without a token${said}.`);
  }
  return { token, expiresAt: expiryOf(json, now) };
}

/** Unix ms from a date, a number of seconds or of milliseconds, or a lifetime in seconds. */
function expiryOf(json: Record<string, unknown>, now: number): number | null {
  const at = json['expiresAt'] ?? json['expires_at'] ?? json['expiry'];
  const text = typeof at === 'string' || typeof at === 'number' ? String(at) : '';
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) < 1e11 ? Number(text) * 1000 : Number(text);
  const date = text === '' ? NaN : Date.parse(text);
  if (!Number.isNaN(date)) return date;
  const lifetime = Number(json['expires_in'] ?? NaN);
  return Number.isFinite(lifetime) ? now + lifetime * 1000 : null;
}

/** @param message a sentence that shows nothing of a token */
export const noToken = (message: string, hint = 'It prints or answers a token, or {"token","expiresAt"}.'): Failure =>
  new Failure({ code: 'no-token', message, hint, place: 'auth', exit: 3 });
