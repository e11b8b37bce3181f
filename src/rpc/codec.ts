/** How messages cross: as JSON text on a socket, and errors as plain data on every wire. */
import { Failure, failureData, type FailureData } from '../shared/failure.ts';

export const encode = (message: unknown): string => JSON.stringify(message);

/** The message, or undefined when the text is not JSON. */
export function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface RpcRequest {
  t: 'q';
  m: string;
  a: unknown[];
  i?: string;
}
interface RpcResponse {
  t: 's';
  i: string;
  r?: unknown;
  e?: unknown;
}
export type RpcMessage = RpcRequest | RpcResponse;

/** Structured clone drops an error's fields and JSON drops all of it: an answer's error leaves as `FailureData`. */
export function packErrors(message: RpcMessage): RpcMessage {
  return message.t === 's' && message.e !== undefined ? { ...message, e: failureData(message.e) } : message;
}

/** And comes back as a `Failure`. */
export function unpackErrors(message: RpcMessage): RpcMessage {
  return message.t === 's' && message.e !== undefined ? { ...message, e: toFailure(message.e) } : message;
}

/** Whether something that arrived is one of ours; a peer may send anything. */
export function isRpcMessage(message: unknown): message is RpcMessage {
  if (typeof message !== 'object' || message === null) return false;
  // cast: any of it may be missing
  const m = message as Partial<Record<keyof RpcRequest | keyof RpcResponse, unknown>>;
  if (m.t === 's') return typeof m.i === 'string';
  return m.t === 'q' && typeof m.m === 'string' && Array.isArray(m.a) && (m.i === undefined || typeof m.i === 'string');
}

function toFailure(data: unknown): Failure {
  // cast: any of it may be missing
  const d = (typeof data === 'object' && data !== null ? data : {}) as Partial<FailureData>;
  return new Failure({
    code: typeof d.code === 'string' ? d.code : 'internal',
    message: typeof d.message === 'string' ? d.message : 'The engine failed without saying why.',
    ...(typeof d.hint === 'string' ? { hint: d.hint } : {}),
    ...(typeof d.place === 'string' ? { place: d.place } : {}),
    ...(d.exit === undefined ? {} : { exit: d.exit }),
  });
}
