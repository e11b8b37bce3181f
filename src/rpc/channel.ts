import type { ChannelOptions } from 'birpc';
import { isRpcMessage, packErrors, unpackErrors, type RpcMessage } from './codec.ts';
import type { Wire } from './wire.ts';

/** birpc options over a wire. Messages that are not RPC messages are ignored. */
export function birpcChannel(wire: Wire): ChannelOptions & { post(message: RpcMessage): void } {
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
