/** A lane's end of the wire: dials, counts bytes, freezes, cuts, goes offline, and tells FIN from RST. */
export interface Line {
  readonly bytesIn: number;
  readonly bytesOut: number;
}
