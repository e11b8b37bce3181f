import type { ConnectionOptions } from 'node:tls';
import type { Clock } from '../../../shared/clock.ts';
import type { PathSpec } from '../../../shared/path/spec.ts';
import type { Random } from '../../../shared/random.ts';
import { ClientNetwork } from '../../client/net/network.ts';
import { Causes } from '../../evidence/causes.ts';
import { Path } from '../../proxy/path.ts';

/** Gives every connection of an examination a line of its own, through the path that was named. */
export class Dialler {
  readonly #clock: Clock;
  readonly #tls: ConnectionOptions | undefined;
  readonly #path: Path | null;
  readonly #causes = new Causes();
  readonly #lines = new Set<ClientNetwork>();

  constructor(o: { clock: Clock; random: Random; path: PathSpec; tls?: ConnectionOptions | undefined }) {
    this.#clock = o.clock;
    this.#tls = o.tls;
    this.#path = o.path.length === 0 ? null : new Path({ clock: o.clock, random: o.random, causes: this.#causes });
    this.#path?.set(o.path);
  }

  line(name: string): ClientNetwork {
    const path = this.#path;
    const line = new ClientNetwork({
      lane: name,
      clock: this.#clock,
      causes: this.#causes,
      enter: path ? (lane, host, port, secure) => path.enter(lane, host, port, 0, secure) : directly,
      readsHttp: () => path?.readsHttp ?? false,
      ...(this.#tls ? { tls: this.#tls } : {}),
    });
    this.#lines.add(line);
    return line;
  }

  /** Nothing more is asked over this line. */
  release(line: ClientNetwork): void {
    line.destroy();
    this.#lines.delete(line);
  }

  async close(): Promise<void> {
    for (const line of this.#lines) line.destroy();
    await this.#path?.close();
  }
}

const directly = async (_name: string, host: string, port: number): Promise<{ host: string; port: number }> => ({
  host,
  port,
});
