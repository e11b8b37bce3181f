import { define } from '../definition.ts';
import { sizeText } from '../quantity-text.ts';

export const wsMessageLimit = define({
  id: 'ws-message-limit',
  label: 'WebSocket message limit',
  what: 'A WebSocket message of more than so many bytes is not passed on, nor a longer frame of the client: it gets close 1009.',
  params: {
    bytes: {
      kind: 'size',
      label: 'Message',
      help: 'Of its frames together. 0 is no limit.',
      default: 128 * 1024,
      min: 0,
      max: 1024 * 1024 * 1024,
    },
    frame: {
      kind: 'size',
      label: 'Frame of the client',
      help: '0 is no limit of its own.',
      default: 0,
      min: 0,
      max: 1024 * 1024 * 1024,
    },
  },
  disabledParams: { bytes: 0, frame: 0 },
  summary: ({ bytes, frame }) => `messages up to ${sizeText(bytes || frame)}`,
  layer: 'http',
  // Events of a common size get through.
  explain: () => [],
});
