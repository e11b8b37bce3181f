import type { Cause } from '../../../../../src/shared/catalog.ts';
import type { StepValues } from '../../../../../src/shared/path/definition.ts';
import { defaultsOf, type ParamValues } from '../../../../../src/shared/path/params.ts';
import { seeded } from '../../../../../src/shared/random.ts';
import type {
  ConnectionContext,
  Direction,
  CloseCommand,
  ClosedInfo,
  Fault,
} from '../../../../../src/engine/proxy/tcp/faults/fault.ts';
import { FAULTS, type FaultId } from '../../../../../src/engine/proxy/tcp/faults/index.ts';
import { ChunkQueue, type QueueEnd } from '../../../../../src/engine/proxy/tcp/chunk-queue.ts';
import { FakeClock, settle } from '../../../../helpers/fake-clock.ts';

export const faultOf = (id: FaultId): Fault => FAULTS[id]!;

/** The short name of a fault with these params, the rest by default. */
export const summaryOf = ({ definition }: Fault, params: ParamValues): string =>
  definition.summary({ ...defaultsOf(definition.params), ...params });

/** One fault on one imaginary connection: bytes in, bytes out with their times, and what the fault ordered. */
export class FaultRig {
  readonly clock = new FakeClock(0);
  readonly closeCommands: CloseCommand[] = [];
  readonly reported: ClosedInfo[] = [];
  readonly blackholes: Cause[] = [];
  readonly out: { text: string; at: number }[] = [];
  readonly lastByteAt = { up: 0, down: 0 };
  done = false;
  over = false;
  #abort = new AbortController();
  #in = new ChunkQueue();
  readonly params: StepValues;
  readonly fault: Fault;
  readonly dir: Direction;

  constructor(fault: Fault, params: ParamValues = {}, dir: Direction = 'down') {
    this.fault = fault;
    this.params = { ...defaultsOf(fault.definition.params), ...params };
    this.dir = dir;
  }

  readonly conn: ConnectionContext = ((rig: FaultRig) => ({
    id: 1,
    lane: 'sse',
    openedAt: 0,
    lastByteAt: rig.lastByteAt,
    bytes: { up: 0, down: 0 },
    clock: rig.clock,
    random: seeded(7),
    signal: rig.#abort.signal,
    get over() {
      return rig.over;
    },
    end: (order) => void rig.closeCommands.push(order),
    reportClosed: (messages) => void rig.reported.push(messages),
    blackhole: (cause) => {
      rig.blackholes.push(cause);
      return () => void rig.blackholes.pop();
    },
  }))(this);

  /** Starts the pipe; what it lets go is kept with the time. */
  run(): this {
    void (async () => {
      for await (const { bytes } of this.fault.pipe!(this.dir, this.#in, this.params, this.conn)) {
        this.out.push({ text: Buffer.from(bytes).toString('latin1'), at: this.clock.now() });
      }
      this.done = true;
    })();
    return this;
  }

  push(text: string): void {
    this.lastByteAt[this.dir] = this.clock.now();
    this.#in.push(Buffer.from(text, 'latin1'), this.clock.now());
  }

  finish(kind: QueueEnd = 'fin'): void {
    this.#in.end(kind, this.clock.now());
  }

  /** As when the settings change: the pipeline hands over. */
  async change(): Promise<void> {
    this.#in.end('handover', this.clock.now());
    this.#abort.abort();
    await settle();
  }

  get text(): string {
    return this.out.map((o) => o.text).join('');
  }
}
