import { hash } from 'node:crypto';
import type { Clock } from '../../../shared/clock.ts';
import { DEFAULTS } from '../../../shared/defaults.ts';
import type { Receipt } from '../../log/event-log.ts';
import type { PublishKey } from './broker.ts';

/** What the receipts may take in memory, as estimated; the oldest go first. */
const MAX_BYTES = 16 * 1024 * 1024;
/** An entry without its texts: the receipt, its cursor, its place in the map. */
const ENTRY_BYTES = 300;
/** A key longer than its digest is known by the digest. */
const MAX_KEY_LENGTH = 64;

/** Receipts by idempotency key, so that a publisher may safely retry. */
export class IdempotencyCache {
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #receipts = new Map<string, { receipt: Receipt; at: number }>();
  #bytes = 0;

  constructor(clock: Clock, maxBytes = MAX_BYTES) {
    this.#clock = clock;
    this.#maxBytes = maxBytes;
  }

  find(key: string): Receipt | null {
    this.#evictExpired();
    return this.#receipts.get(key)?.receipt ?? null;
  }

  /** Without its data, which may be large and is in the log. */
  store(key: string, { cursor, seq, type, time }: Receipt): void {
    this.#delete(key);
    this.#receipts.set(key, { receipt: { cursor, seq, type, time }, at: this.#clock.now() });
    this.#bytes += bytesOf(key, type);
    for (const oldest of this.#receipts.keys()) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#delete(oldest);
    }
  }

  /** The log has a new epoch: the cursors are void. */
  clear(): void {
    this.#receipts.clear();
    this.#bytes = 0;
  }

  /** Oldest first, as Map keeps them. */
  #evictExpired(): void {
    const limit = this.#clock.now() - DEFAULTS.idempotencyMs;
    for (const [key, { at }] of this.#receipts) {
      if (at > limit) return;
      this.#delete(key);
    }
  }

  #delete(key: string): void {
    const entry = this.#receipts.get(key);
    if (!entry) return;
    this.#receipts.delete(key);
    this.#bytes -= bytesOf(key, entry.receipt.type);
  }
}

/** A text may take two bytes a character. */
const bytesOf = (key: string, type: string): number => ENTRY_BYTES + 2 * (key.length + type.length);

/** The two kinds of keys never collide, whatever is in them; and a key takes little, however long it is. */
export function idempotencyKeyOf(channelName: string, key: PublishKey): string {
  const full =
    typeof key === 'string' ? `${channelName}\nkey ${key}` : `${channelName}\nref ${key.connection} ${key.ref}`;
  return full.length <= MAX_KEY_LENGTH ? full : `${channelName}\ndigest ${hash('sha256', full, 'base64')}`;
}
