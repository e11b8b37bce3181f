/** Server frames (RFC 6455, 5.2): final, unmasked, not compressed. One buffer can go to every reader. */
export function textFrame(text: string): Buffer {
  return frame(0x1, Buffer.from(text));
}

/** One frame of any opcode. */
export function frame(opcode: number, payload: Buffer): Buffer {
  const n = payload.length;
  const head = n < 126 ? Buffer.alloc(2) : n < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  if (n < 126) head[1] = n;
  else if (n < 65_536) {
    head[1] = 126;
    head.writeUInt16BE(n, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(n), 2);
  }
  return Buffer.concat([head, payload]);
}

/** An empty ping. */
export const PING = frame(0x9, Buffer.alloc(0));
