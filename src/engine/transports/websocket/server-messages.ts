/** What the server says on a WebSocket of `events.v1`, as frames ready for the socket. */
import type { Gap } from '../../../shared/protocol/events.ts';
import { HttpError } from '../../server/http/http-error.ts';
import type { Format } from '../../wire/fanout.ts';
import { textFrame } from '../../wire/ws-encode.ts';

/** A message as one text frame. */
export const json = (message: object): Buffer => textFrame(JSON.stringify(message));

export const FRAMES: Format = {
  event: ({ cursor, type, time, data }, ch) => json({ t: 'ev', ch, cursor, type, time, data }),
  gap: (gap, ch) => json({ t: 'gap', ch, ...gap }),
};

/** `onGap: fail`: the gap as an error. */
export class GapError extends HttpError {
  readonly gap: Gap;

  constructor(gap: Gap) {
    super(410, {
      code: 'gap',
      message: 'The log does not go back to that cursor.',
      hint: 'Subscribe again with `resume`.',
    });
    this.gap = gap;
  }
}
