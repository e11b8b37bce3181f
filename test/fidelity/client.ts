/** A client on a raw socket: it records what came, when, and how the connection ended. */
import { connect, type Socket } from 'node:net';
import { createGunzip, constants, type Gunzip } from 'node:zlib';
import { responseFraming } from '../../src/engine/proxy/http/body-framing.ts';
import { BodyReader } from '../../src/engine/proxy/http/body-reader.ts';
import { field, type ResponseHead } from '../../src/engine/proxy/http/message.ts';
import { headEnd, parseResponse } from '../../src/engine/proxy/http/parse-head.ts';

export const sleep = (ms: number): Promise<void> => new Promise((r) => setTimeout(r, Math.max(0, ms)));

/** How a subject is reached. */
export interface Way {
  port: number;
  /** Asked for by CONNECT first. */
  through?: string;
  /** What a forward proxy wants before the target: `http://host:port`. */
  prefix?: string;
}

export class Client {
  readonly socket: Socket;
  ended: { how: 'FIN' | 'RST'; at: number } | null = null;
  /** One for each answer that began. */
  readonly answers: Incoming[] = [];
  sentAt = 0;
  #waiting: (() => void)[] = [];
  #connecting: boolean;
  #prefix: string;
  #later: (() => void) | null = null;
  #held: Buffer = Buffer.alloc(0);
  #raw: ((bytes: Buffer, at: number) => void) | null = null;

  constructor({ port, through, prefix = '' }: Way) {
    this.#connecting = through !== undefined;
    this.#prefix = prefix;
    this.socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    if (through !== undefined) this.socket.write(`CONNECT ${through} HTTP/1.1\r\nHost: ${through}\r\n\r\n`);
    this.socket.on('data', (bytes) => {
      this.#take(bytes, performance.now());
      this.#changed();
    });
    this.socket.on('end', () => this.#end('FIN'));
    this.socket.on('error', () => this.#end('RST'));
    this.socket.on('close', () => this.#end('FIN'));
  }

  /** @param body with its method; a GET has none */
  ask(target: string, fields: Record<string, string> = {}, method = 'GET', body = ''): void {
    if (this.#connecting) return void (this.#later = () => this.ask(target, fields, method, body));
    const extra = Object.entries(fields).map(([k, v]) => `${k}: ${v}\r\n`);
    this.sentAt = performance.now();
    if (method !== 'GET') extra.push(`Content-Length: ${body.length}\r\n`);
    this.socket.write(
      `${method} ${this.#prefix}${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: probe\r\nAccept: */*\r\n${extra.join('')}\r\n${body}`,
    );
  }

  /** Waits until it is so, or so long. */
  async until(so: () => unknown, ms: number): Promise<boolean> {
    const deadline = performance.now() + ms;
    while (!so()) {
      const left = deadline - performance.now();
      if (left <= 0) return false;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return true;
  }

  get answer(): Incoming | undefined {
    return this.answers.at(-1);
  }

  /** From now on the bytes are frames. */
  frames(hear: (bytes: Buffer, at: number) => void): void {
    this.#raw = hear;
    if (this.#held.length > 0) hear(this.#held, performance.now());
  }

  close(): void {
    this.socket.destroy();
  }

  #end(how: 'FIN' | 'RST'): void {
    if (this.ended) return;
    const at = performance.now();
    this.ended = { how, at };
    const last = this.answers.at(-1);
    if (last && !last.whole && last.body.by === 'close' && how === 'FIN') last.finish(at);
    this.#changed();
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #take(bytes: Buffer, at: number): void {
    if (this.#raw) return this.#raw(bytes, at);
    this.#held = Buffer.concat([this.#held, bytes]);
    if (this.#connecting) {
      const end = headEnd(this.#held);
      if (end < 0) return;
      this.#held = this.#held.subarray(end);
      this.#connecting = false;
      this.#later?.();
    }
    while (this.#held.length > 0) {
      const last = this.answers.at(-1);
      if (last && !last.whole) {
        if (last.head.status === 101) return;
        const n = last.take(this.#held, at);
        this.#held = this.#held.subarray(n);
        if (!last.whole) return;
        continue;
      }
      const end = headEnd(this.#held);
      if (end < 0) return;
      const head = parseResponse(this.#held.subarray(0, end));
      this.#held = this.#held.subarray(end);
      this.answers.push(new Incoming(head, at));
    }
  }
}

/** One answer as it comes in. */
export class Incoming {
  readonly head: ResponseHead;
  readonly at: number;
  readonly body: BodyReader;
  wholeAt: number | null = null;
  bytes = 0;
  /** When each event could be read, by order. */
  readonly events: { id: number; at: number }[] = [];
  beats = 0;
  #text = '';
  #unzip: Gunzip | null = null;
  #at = 0;

  constructor(head: ResponseHead, at: number) {
    this.head = head;
    this.at = at;
    this.body = new BodyReader(head.status === 101 ? { by: 'close' } : responseFraming(head, 'GET'));
    if (head.status !== 101 && this.body.done) this.wholeAt = at;
    if (field(head, 'content-encoding') === 'gzip') {
      this.#unzip = createGunzip({ flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH });
      this.#unzip.on('data', (b: Buffer) => this.#read(b));
      this.#unzip.on('error', () => {});
    }
  }

  get whole(): boolean {
    return this.wholeAt !== null;
  }

  field(name: string): string | undefined {
    return field(this.head, name);
  }

  finish(at: number): void {
    this.wholeAt ??= at;
  }

  take(bytes: Buffer, at: number): number {
    this.#at = at;
    const n = this.body.read(bytes, (payload) => {
      this.bytes += payload.length;
      if (this.#unzip) this.#unzip.write(Buffer.from(payload));
      else this.#read(payload);
    });
    if (this.body.done) this.finish(at);
    return n;
  }

  #read(payload: Buffer): void {
    this.#text += payload.toString('latin1');
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      const block = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 2);
      const id = /^id: (\d+)/m.exec(block);
      if (id) this.events.push({ id: Number(id[1]), at: this.#at });
      else if (block.startsWith(':')) this.beats++;
    }
  }
}

/** A short frame as clients send them. */
export const frame = (opcode: number, text = ''): Buffer =>
  Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
