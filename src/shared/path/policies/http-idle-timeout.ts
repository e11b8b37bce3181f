import { METHOD_KIND } from '../../catalog.ts';
import { define } from '../definition.ts';
import { endBy, evidenceOf, outcomeFor, type End } from '../effect.ts';
import { durationText } from '../quantity-text.ts';
import { STREAM_OPTIONS, UNANSWERED_OPTIONS, ORIGIN_OPTIONS, TUNNEL_OPTIONS } from './outcome-options.ts';

const MAX_DURATION_MS = 864_000_000;

export const httpIdleTimeout = define({
  id: 'http-idle-timeout',
  label: 'HTTP idle timeout',
  what: 'When the origin has been silent this long, a waiting request gets an error, a stream or WebSocket is ended.',
  params: {
    after: {
      kind: 'duration',
      label: 'Idle limit',
      help: '0 is no limit.',
      default: 60_000,
      min: 0,
      max: MAX_DURATION_MS,
    },
    'first-byte': {
      kind: 'duration',
      label: 'Limit before an answer begins',
      help: '0 is the same as the idle limit.',
      default: 0,
      min: 0,
      max: MAX_DURATION_MS,
    },
    websocket: {
      kind: 'duration',
      label: 'Limit for WebSocket',
      help: '0 is the same as the idle limit.',
      default: 0,
      min: 0,
      max: MAX_DURATION_MS,
    },
    poll: { kind: 'choice', label: 'A waiting request gets', default: '504', options: UNANSWERED_OPTIONS },
    stalled: {
      kind: 'choice',
      label: 'A request that does not go on gets',
      default: 'same',
      options: { same: 'The same as one that waits', '408': '408 Request Timeout; the connection is closed' },
    },
    stream: { kind: 'choice', label: 'A stream gets', default: 'aborted', options: STREAM_OPTIONS },
    held: {
      kind: 'choice',
      label: 'A stream held back entirely gets',
      default: 'head',
      options: {
        head: 'Its head and no event, then FIN',
        nothing: 'FIN and nothing else',
        '404': '404 Not Found',
        poll: 'What a waiting request gets',
      },
    },
    ws: { kind: 'choice', label: 'A WebSocket gets', default: 'fin', options: TUNNEL_OPTIONS },
    origin: { kind: 'choice', label: 'The origin gets', default: 'fin', options: ORIGIN_OPTIONS },
    'poll-origin': {
      kind: 'choice',
      label: 'The origin of a waiting request gets',
      default: 'same',
      options: { same: 'The same', ...ORIGIN_OPTIONS },
    },
    'ws-origin': {
      kind: 'choice',
      label: 'The origin of a WebSocket gets',
      default: 'same',
      options: { same: 'The same', ...ORIGIN_OPTIONS },
    },
    resets: {
      kind: 'choice',
      label: 'Starts anew with bytes',
      default: 'any',
      options: {
        any: 'Either way',
        down: 'From the origin only',
        up: 'Either way; in a WebSocket from the client only',
        client: 'From the client only: a stream ends however much is sent',
      },
    },
    lazy: {
      kind: 'duration',
      label: 'Laziness',
      help: 'Bytes that would move the end by less than this do not move it.',
      default: 0,
      min: 0,
      max: 10_000,
    },
    early: { kind: 'duration', label: 'Fires early by up to', default: 0, min: 0, max: 60_000 },
    late: { kind: 'duration', label: 'Fires late by up to', default: 0, min: 0, max: 60_000 },
    'late-share': {
      kind: 'number',
      label: 'Ends a stream late by up to (% of the limit)',
      help: 'Only a stream: what waits for an answer and a WebSocket are ended in time.',
      default: 0,
      min: 0,
      max: 100,
    },
    'late-least': { kind: 'duration', label: 'Fires late by at least', default: 0, min: 0, max: 60_000 },
  },
  disabledParams: { after: 0 },
  summary: (params) => `idle limit ${durationText(params.after)}`,
  idleLimitMs: (params) => params.after || null,
  layer: 'http',
  explain(method, params) {
    const { after, resets } = params;
    const kind = METHOD_KIND[method];
    const ms = { poll: params['first-byte'], stream: 0, socket: params.websocket }[kind] || after;
    const resetBy = RESET_BY[kind === 'socket' ? 'tunnel' : 'answer'][resets];
    const least = params['late-least'] || -params.early;
    const share = kind === 'stream' ? (params['late-share'] / 100) * ms : 0;
    const offsetMs = [least - params.lazy, Math.max(params['late-least'], params.late) + share] as const;
    const seesHeld = params.held === '404' ? 'status:404' : params.held === 'poll' ? evidenceOf(params.poll) : null;
    const more: Partial<End> = {
      ...(offsetMs.some((offset) => offset !== 0) && { offsetMs }),
      ...(kind === 'stream' && seesHeld && { seesHeld }),
    };
    return endBy({ on: 'silence', ms, resetBy }, outcomeFor(method, params), more);
  },
});

/** Whose bytes count as no silence. */
const RESET_BY = {
  answer: { any: 'any', down: 'down', up: 'any', client: 'up' },
  tunnel: { any: 'any', down: 'down', up: 'up', client: 'up' },
} as const;
