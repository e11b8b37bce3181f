import { redactHead, redactUrl } from '../../../shared/redact.ts';
import type { Signal } from './signal.ts';

const MAX_LENGTH = 2048;
type WireKind = Extract<Signal, { kind: 'wire' }>['what'];

/** One thing as it stood on the wire: secrets replaced, cut to 2 KiB. `bytes` counts before the cut. */
export function wireSignal(dir: 'in' | 'out', what: WireKind, text: string, bytes = Buffer.byteLength(text)): Signal {
  const head = what === 'request' || what === 'response';
  const bounded = text.length > MAX_LENGTH * 4 ? text.slice(0, MAX_LENGTH * 4) : text;
  return {
    kind: 'wire',
    dir,
    what,
    text: (head ? redactHead(bounded) : redactUrl(bounded)).slice(0, MAX_LENGTH),
    bytes,
  };
}
