import { redactHead, redactUrl } from '../../shared/redact.ts';
import type { Signal } from './signal.ts';

const LONGEST = 2048;
type What = Extract<Signal, { kind: 'wire' }>['what'];

/** One thing as it stood on the wire: secrets replaced, cut to 2 KiB. `bytes` counts before the cut. */
export function wire(dir: 'in' | 'out', what: What, text: string, bytes = Buffer.byteLength(text)): Signal {
  const head = what === 'request' || what === 'response';
  const short = text.length > LONGEST * 4 ? text.slice(0, LONGEST * 4) : text;
  return { kind: 'wire', dir, what, text: (head ? redactHead(short) : redactUrl(short)).slice(0, LONGEST), bytes };
}
