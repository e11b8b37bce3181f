import type { wsPing as definition } from '../../../../shared/path/policies/ws-ping.ts';
import { durationText } from '../../../../shared/path/quantity-text.ts';
import type { Cancel } from '../../../../shared/clock.ts';
import type { PolicyImpl } from '../policy.ts';
import { WebSocketSizes } from '../websocket-sizes.ts';

const PING = Buffer.from([0x89, 0x00]);
const PONG_OPCODE = 0x0a;
/** A ping cannot stand within another frame: so often it is looked whether that is over. */
const FRAME_OVER_MS = 20;

/** Pings the client of a WebSocket, beside what the origin sends, and ends it where no pong comes (RFC 6455, 5.5.2). */
export const wsPing: PolicyImpl<typeof definition> = {
  watch(x, params) {
    if (x.upgrade === null || params.every <= 0) return;
    let cancel: Cancel = () => {};
    const waitThen = (ms: number, fn: () => void): void => {
      cancel();
      cancel = x.clock.after(ms, fn);
    };
    const down = new WebSocketSizes(() => {});
    let waitsForPong = false;
    const up = new WebSocketSizes(
      () => {},
      (opcode) => {
        if (opcode !== PONG_OPCODE || !waitsForPong) return;
        waitsForPong = false;
        waitThen(params.every, ping);
      },
    );
    const ping = (): void => {
      if (!down.betweenFrames) return waitThen(FRAME_OVER_MS, ping);
      x.sendToClient(PING);
      waitsForPong = true;
      waitThen(params.pong, () => {
        const detail = `no pong within ${durationText(params.pong)}`;
        x.end({ client: 'close-1011', server: 'fin', why: { by: 'ws-ping', cause: 'pong-deadline', detail } });
      });
    };
    return {
      phase: () => x.phase === 'tunnel' && waitThen(params.every, ping),
      tunnel: (dir, bytes) => (dir === 'up' ? up : down).read(bytes),
      stop: () => cancel(),
    };
  },
};
