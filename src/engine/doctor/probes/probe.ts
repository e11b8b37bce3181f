import type { DoctorCode } from '../../../shared/doctor/codes.ts';
import type { Judgement, Material } from '../material.ts';

/** One thing the Doctor can find out, decided from what was gathered. It keeps one promise: right, or `unknown`. */
export interface Probe {
  code: DoctorCode;
  judge(m: Material): Judgement;
}
