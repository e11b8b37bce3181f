/** One way of gathering a file; adding one is one file and one name here. */
import { alpn } from './alpn.ts';
import { caches } from './caches.ts';
import { codings } from './codings.ts';
import type { Experiment } from './experiment.ts';
import { holds } from './holds.ts';
import { kept } from './kept.ts';
import { pings } from './pings.ts';
import { polls } from './polls.ts';
import { publishes } from './publishes.ts';
import { quiet } from './quiet.ts';
import { resumes } from './resumes.ts';
import { silences } from './silences.ts';
import { sizes } from './sizes.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  quiet,
  pings,
  silences,
  codings,
  polls,
  holds,
  caches,
  kept,
  resumes,
  publishes,
  sizes,
  alpn,
];
