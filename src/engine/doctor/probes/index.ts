/** One probe a code; adding one is one file and one name here. */
import type { DoctorCode } from '../../../shared/doctor/codes.ts';
import { advice } from './advice.ts';
import { answersAtOnce } from './answers-at-once.ts';
import { auth } from './auth.ts';
import { buffered } from './buffered.ts';
import { cached } from './cached.ts';
import { closeWords } from './close-words.ts';
import { compressed } from './compressed.ts';
import { contentType } from './content-type.ts';
import { cors } from './cors.ts';
import { h2Only } from './h2-only.ts';
import { headLate } from './head-late.ts';
import { heartbeat } from './heartbeat.ts';
import { holdLimit } from './hold-limit.ts';
import { idleLimit } from './idle-limit.ts';
import { keepAlive } from './keep-alive.ts';
import { lifetime } from './lifetime.ts';
import { messageLimit } from './message-limit.ts';
import { noReplay } from './no-replay.ts';
import { pingUnanswered } from './ping-unanswered.ts';
import { pollCost } from './poll-cost.ts';
import type { Probe } from './probe.ts';
import { redirect } from './redirect.ts';
import { repeatsRequests } from './repeats-requests.ts';
import { resume } from './resume.ts';
import { sixConnections } from './six-connections.ts';
import { speaks } from './speaks.ts';
import { truncates } from './truncates.ts';
import { upgradeBlocked } from './upgrade-blocked.ts';
import { zombie } from './zombie.ts';

export const PROBES: Record<DoctorCode, Probe> = {
  speaks,
  'content-type': contentType,
  redirect,
  auth,
  'h2-only': h2Only,
  'upgrade-blocked': upgradeBlocked,
  cors,
  'head-late': headLate,
  buffered,
  compressed,
  cached,
  'idle-limit': idleLimit,
  lifetime,
  'hold-limit': holdLimit,
  heartbeat,
  zombie,
  resume,
  'no-replay': noReplay,
  'poll-cost': pollCost,
  'answers-at-once': answersAtOnce,
  'keep-alive': keepAlive,
  'repeats-requests': repeatsRequests,
  'six-connections': sixConnections,
  'close-words': closeWords,
  advice,
  truncates,
  'ping-unanswered': pingUnanswered,
  'message-limit': messageLimit,
};
