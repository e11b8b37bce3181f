/** An id whose numbers are dense: each one follows the last. `epoch` is empty where the endpoint has none. */
export interface DenseId {
  epoch: string;
  /** Exact beyond 2^53. */
  seq: bigint;
}
