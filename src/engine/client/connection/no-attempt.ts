import { Failure, messageOf } from '../../../shared/failure.ts';
import { endedSignal } from './ended.ts';
import type { EndedSignal, Signal } from './signal.ts';

/** An attempt that could not even be made: no token, or a template without a value. The lane tries again; a command unconfirmed stays so. */
export function noAttempt(error: unknown): (Signal | EndedSignal)[] {
  const failure = error instanceof Failure ? error : null;
  const message = failure ? failure.message : `The request cannot be made: ${messageOf(error)}.`;
  const code = failure?.code ?? 'no-request';
  const hint = failure?.hint === undefined ? {} : { hint: failure.hint };
  const detail = message.replace(/\.$/, '');
  const final = code !== 'no-token';
  return [
    { kind: 'notice', level: 'error', code, message, ...hint },
    endedSignal('no-token', { detail, ...(final ? { final, why: 'bad-input', notice: null } : {}) }),
  ];
}
