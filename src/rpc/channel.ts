import type { ChannelOptions } from 'birpc';
import { isRpcMessage, packErrors, unpackErrors, type RpcMessage } from './codec.ts';
import type { Wire } from './wire.ts';

/** birpc's end of a wire. What is not one of its messages is left unheard. */
export function channelOver(wire: Wire): ChannelOptions {
  return {
    post: (message: RpcMessage) => wire.send(message),
    on: (fn) => {
      wire.listen((message) => {
        if (isRpcMessage(message)) fn(message);
      });
    },
    serialize: packErrors,
    deserialize: unpackErrors,
  };
}
