import { define } from '../definition.ts';
import { endBy } from '../effect.ts';
import { durationText } from '../quantity-text.ts';

export const writeTimeout = define({
  id: 'write-timeout',
  label: 'Write timeout (Go)',
  what: 'Silence is never cut, but the first byte written after this age ends the connection, heartbeats included.',
  params: {
    after: { kind: 'duration', label: 'Age', help: '0 is any age.', default: 60_000, min: 0, max: 864_000_000 },
  },
  disabledParams: { after: 0 },
  summary: (params) => `no writes after ${durationText(params.after)}`,
  layer: 'http',
  // An Upgrade takes the connection out of the server's hands.
  explain: (method, { after }) => (method === 'websocket' ? [] : endBy({ on: 'write', ms: after }, 'fin')),
});
