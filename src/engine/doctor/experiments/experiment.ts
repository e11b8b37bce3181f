import type { Method } from '../../../shared/catalog.ts';
import type { DoctorCode } from '../../../shared/doctor/codes.ts';
import type { DoctorOptions } from '../options.ts';
import type { Exam } from '../exam.ts';

/** One way of gathering, for several probes. It sends no more than it says. */
export interface Experiment {
  name: string;
  methods: readonly Method[];
  /** What it decides: not made where none of these is asked for. */
  codes: readonly DoctorCode[];
  /** The most it sends, connections of one request each unless said. */
  cost(o: DoctorOptions): { connections: number; requests?: number; messages?: number };
  run(x: Exam): Promise<void>;
}
