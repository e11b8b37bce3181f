/** An id whose numbers are dense: each one follows the last. `epoch` is empty where the endpoint has none. */
export interface DenseId {
  epoch: string;
  /** Exact beyond 2^53. */
  seq: bigint;
}

/** `k3f9ab.427`, as ours are; a foreign endpoint may have a shorter epoch, or digits alone. Null when it is neither. */
export function parseDenseId(text: string): DenseId | null {
  const m = /^(?:(\S{0,64})\.)?(\d{1,100})$/.exec(text);
  return m ? { epoch: m[1] ?? '', seq: BigInt(m[2]!) } : null;
}
