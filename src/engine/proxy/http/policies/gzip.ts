import type { gzip as definition } from '../../../../shared/path/policies/gzip.ts';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { dropField, field, listIncludes, setField } from '../message.ts';
import type { Emit, PolicyImpl, BodyFilter } from '../policy.ts';
import { BlockFilter, OneBehindFilter } from '../body-filters.ts';

/** Compression by the intermediary: what it does to a stream's timing and to ETags. */
export const gzip: PolicyImpl<typeof definition> = {
  bodyFilter(x, params, emit) {
    const asked = listIncludes(field(x.request, 'accept-encoding'), 'gzip');
    const head = x.response!;
    const type = field(head, 'content-type') ?? '';
    if ((!asked && params.for === 'asked') || field(head, 'content-encoding') !== undefined) return null;
    if (params['no-transform'] === 'honoured' && listIncludes(field(head, 'cache-control'), 'no-transform'))
      return null;
    if (!/^(text\/|application\/json)/.test(type) || head.status === 204 || head.status === 304) return null;
    const etag = field(head, 'etag');
    if (etag !== undefined) setField(head, 'ETag', rewriteEtag(etag, params.etag));
    const prompt = params.accel === 'honoured' && field(head, 'x-accel-buffering')?.toLowerCase() === 'no';
    const hold = prompt ? 'prompt' : params.hold;
    if (!asked) return holdFilter(hold, emit);
    setField(head, 'Content-Encoding', 'gzip');
    const vary = field(head, 'vary');
    if (!listIncludes(vary, 'accept-encoding') && !listIncludes(vary, '*')) {
      setField(head, 'Vary', vary ? `${vary}, Accept-Encoding` : 'Accept-Encoding');
    }
    dropField(head, 'content-length');
    return new GzipFilter(hold, emit);
  },
};

function rewriteEtag(etag: string, how: string): string {
  if (how === 'weak') return etag.startsWith('W/') ? etag : `W/${etag}`;
  return how === 'suffix' ? etag.replace(/"$/, '-gzip"') : etag;
}

function holdFilter(hold: string, emit: Emit): BodyFilter | null {
  if (hold === 'one-behind') return new OneBehindFilter(emit);
  if (hold === 'body-until-end') return new BlockFilter(emit, DEFLATE_BLOCK_BYTES, false);
  return hold === 'prompt' ? null : new BlockFilter(emit, Infinity, true);
}

const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);

/** About as much text as fills one block of deflate, 16 K symbols: so much zlib takes before it gives any out unflushed. */
const DEFLATE_BLOCK_BYTES = 96 * 1024;

/** A gzip member whose every piece can be read as soon as it is there (RFC 1952; a sync flush after each). */
class GzipFilter implements BodyFilter {
  readonly holdsHead: boolean;
  readonly #leads: boolean;
  #inner: BodyFilter | null;
  #emit: Emit;
  #crc = 0;
  #size = 0;
  #begun = false;
  #done = false;

  constructor(hold: string, emit: Emit) {
    this.#emit = emit;
    this.#leads = hold === 'body-until-end' || hold === 'one-behind';
    this.#inner = holdFilter(hold, (bytes) => this.#deflate(bytes));
    this.holdsHead = this.#inner?.holdsHead ?? false;
  }

  push(bytes: Uint8Array): void {
    // As a stream of zlib does: the head of the gzip member comes with the first bytes, whatever becomes of those.
    if (this.#leads && bytes.length > 0) this.#begin();
    if (this.#inner) this.#inner.push(bytes);
    else this.#deflate(bytes);
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#emit(HEADER);
  }

  #deflate(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size = (this.#size + bytes.length) >>> 0;
    const piece = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
    this.#emit(this.#begun ? piece : Buffer.concat([HEADER, piece]));
    this.#begun = true;
  }

  end(): void {
    this.#inner?.end();
    if (this.#done) return;
    this.#done = true;
    const trailer = Buffer.alloc(10);
    trailer[0] = 3; // an empty final block
    trailer.writeUInt32LE(this.#crc, 2);
    trailer.writeUInt32LE(this.#size, 6);
    this.#emit(this.#begun ? trailer : Buffer.concat([HEADER, trailer]));
  }

  drop(): void {
    this.#inner?.drop();
  }
}
