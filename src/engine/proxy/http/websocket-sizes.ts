/** How long messages and frames of one direction of a WebSocket are (RFC 6455, 5.2). What is in them is not looked at. */
export class WebSocketSizes {
  #head: number[] = [];
  #payloadLeft = 0;
  #messageBytes = 0;
  #onFrame: (frame: number, message: number) => void;
  #onControl: (opcode: number) => void;

  /** @param onFrame called as the head of a data frame is there: its length, and that of its message up to its end */
  constructor(onFrame: (frame: number, message: number) => void, onControl: (opcode: number) => void = () => {}) {
    this.#onFrame = onFrame;
    this.#onControl = onControl;
  }

  /** No frame has begun that is not over. */
  get betweenFrames(): boolean {
    return this.#payloadLeft === 0 && this.#head.length === 0;
  }

  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#payloadLeft > 0) {
        const skip = Math.min(this.#payloadLeft, bytes.length - at);
        this.#payloadLeft -= skip;
        at += skip;
        continue;
      }
      this.#head.push(bytes[at++]!);
      if (this.#head.length === headLength(this.#head)) this.#takeHead(this.#head.splice(0));
    }
  }

  #takeHead(head: readonly number[]): void {
    const frame = payloadLength(head);
    this.#payloadLeft = frame;
    const opcode = head[0]! & 0x0f;
    const control = (opcode & 0x08) !== 0;
    if (control) return this.#onControl(opcode);
    const continues = opcode === 0;
    this.#messageBytes = continues ? this.#messageBytes + frame : frame;
    this.#onFrame(frame, this.#messageBytes);
  }
}

/** Infinity while that is not known. */
function headLength(head: readonly number[]): number {
  const second = head[1];
  if (second === undefined) return Infinity;
  const short = second & 0x7f;
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + ((second & 0x80) !== 0 ? 4 : 0);
}

function payloadLength(head: readonly number[]): number {
  const short = head[1]! & 0x7f;
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
  return extended === 0 ? short : head.slice(2, 2 + extended).reduce((length, byte) => length * 256 + byte, 0);
}
