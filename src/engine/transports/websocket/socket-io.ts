/**
 * Socket.IO over WebSocket: Engine.IO 4 packets around Socket.IO 5 packets, and its connection state recovery, whose three
 * failures the client library does not tell of: they are told here.
 */
import { isRecord } from '../../../shared/guards.ts';
import type { JudgedGap } from '../../client/dialect/judge.ts';
import { Subject } from '../../client/dialect/subject.ts';
import { parseJson } from '../../wire/json.ts';

export interface SocketIoEffects {
  send(text: string): void;
  /** The namespace is connected. */
  connected(): void;
  /** The server beats every so often, ms. */
  promise(everyMs: number): void;
  beat(): void;
  take(subject: Subject): void;
  gap(gap: JudgedGap): void;
  notice(level: 'info' | 'warn' | 'error', code: string, message: string): void;
  /** The server closed the namespace, or refused it. */
  refused(message: string): void;
  malformed(detail: string): void;
}

interface SocketIoOptions {
  /** What the dialect's first opening message says: `{namespace, auth}`. */
  open: unknown;
  /** Where the lane got to: the offset of the last packet; null: nowhere. */
  offset: string | null;
  memory: Map<string, string>;
}

/** Kept by the lane: the private id of its session, by which it may be recovered. */
const SESSION = 'socket.io pid';

export class SocketIo {
  readonly #fx: SocketIoEffects;
  readonly #memory: Map<string, string>;
  readonly #namespace: string;
  readonly #auth: Record<string, unknown>;
  readonly #offset: string | null;
  readonly #subject = new Subject();
  #isConnected = false;

  constructor({ open, offset, memory }: SocketIoOptions, effects: SocketIoEffects) {
    const said = isRecord(open) ? open : {};
    this.#fx = effects;
    this.#memory = memory;
    this.#namespace = typeof said['namespace'] === 'string' ? said['namespace'] : '/';
    this.#auth = isRecord(said['auth']) ? said['auth'] : {};
    this.#offset = offset;
  }

  take(text: string, bytes: number): void {
    const body = text.slice(1);
    switch (text[0]) {
      case '0':
        return this.#handshake(body);
      case '1':
        return; // the close frame follows, and tells
      case '2':
        this.#fx.beat();
        return this.#fx.send(`3${body}`);
      case '3':
      case '6':
        return;
      case '4':
        return this.#packet(body, bytes);
      default:
        this.#fx.malformed(`a message is no Engine.IO packet: ${text.slice(0, 60)}`);
    }
  }

  #handshake(body: string): void {
    const json = parseJson(body);
    const { pingInterval, pingTimeout } = isRecord(json) ? json : {};
    if (typeof pingInterval === 'number') {
      this.#fx.promise(pingInterval + (typeof pingTimeout === 'number' ? pingTimeout : 0));
    }
    const pid = this.#memory.get(SESSION);
    const recovery = pid !== undefined && this.#offset !== null ? { pid, offset: this.#offset } : {};
    const payload = { ...this.#auth, ...recovery };
    const to = this.#namespace === '/' ? '' : `${this.#namespace},`;
    this.#fx.send(`40${to}${Object.keys(payload).length === 0 ? '' : JSON.stringify(payload)}`);
  }

  #packet(body: string, bytes: number): void {
    const [, type, , namespace = '/', , payload = ''] = /^([0-6])(\d+-)?(\/[^,]*)?(,)?([^]*)$/.exec(body) ?? [];
    if (type === undefined) return this.#fx.malformed(`a message is no Socket.IO packet: ${body.slice(0, 60)}`);
    if (namespace !== this.#namespace) return;
    const json = parseJson(/^\d*([^]*)$/.exec(payload)?.[1] ?? '');
    switch (type) {
      case '0':
        return this.#connectedWith(isRecord(json) ? json : {});
      case '1':
        return this.#fx.refused('the server closed the namespace');
      case '2':
      case '5':
        return this.#event(json, bytes);
      case '4':
        return this.#fx.refused(
          isRecord(json) && typeof json['message'] === 'string' ? json['message'] : 'the namespace was refused',
        );
      default: // acknowledgements of what we never sent
    }
  }

  #connectedWith({ pid }: Record<string, unknown>): void {
    this.#isConnected = true;
    const before = this.#memory.get(SESSION);
    const current = typeof pid === 'string' ? pid : null;
    if (current === null) this.#memory.delete(SESSION);
    else this.#memory.set(SESSION, current);
    this.#fx.connected();
    if (before !== undefined && before === current) {
      return this.#fx.notice('info', 'recovered', 'Socket.IO recovered the session, and what was missed follows.');
    }
    const why =
      before === undefined
        ? null
        : current === null
          ? 'the server keeps no sessions any more (connection state recovery is off there)'
          : this.#offset === null
            ? 'no event with an offset had come, so that there was nothing to recover from'
            : 'the server did not know the session, or no longer the offset: it had expired, or another process answered';
    if (why !== null) {
      this.#fx.notice('warn', 'not-recovered', `Socket.IO began a new session without a word: ${why}.`);
      return this.#fx.gap({ ...NO_GAP, reason: 'not-recovered' });
    }
    if (current === null && !this.#memory.has('socket.io plain')) {
      this.#memory.set('socket.io plain', 'yes');
      const message =
        'This server has no connection state recovery: what is sent while the lane is away is lost, and nobody tells.';
      this.#fx.notice('info', 'no-recovery', message);
    }
  }

  #event(json: unknown, bytes: number): void {
    if (!Array.isArray(json) || typeof json[0] !== 'string') {
      return this.#fx.malformed('a Socket.IO event has no name');
    }
    const [event, ...args] = json as [string, ...unknown[]]; // cast: as asked above
    // with recovery on, a packet that has no acknowledgement ends with its offset
    const last = args.at(-1);
    const hasOffset = this.#memory.has(SESSION) && typeof last === 'string';
    if (hasOffset) args.pop();
    const subject = this.#subject.ofJson({ event, args }, bytes);
    subject.event = event;
    subject.id = hasOffset ? last : null;
    this.#fx.take(subject);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }
}

const NO_GAP: JudgedGap = {
  is: 'gap',
  oldest: null,
  newest: null,
  epoch: null,
  missed: null,
  reason: null,
  text: null,
  then: 'go-on',
};
