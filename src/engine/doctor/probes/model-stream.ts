import type { Watched } from '../connection/watched.ts';

/** Streams of models are known by their messages, and each kind by the one that ends it. */
const KINDS: { is: RegExp; ends: RegExp }[] = [
  { is: /"object"\s*:\s*"chat\.completion\.chunk"/, ends: /^\[DONE\]$/ },
  {
    is: /"type"\s*:\s*"response\.(created|in_progress|output)/,
    ends: /"type"\s*:\s*"response\.(completed|failed|incomplete)"/,
  },
  { is: /"type"\s*:\s*"message_start"/, ends: /"type"\s*:\s*"message_stop"/ },
  { is: /"type"\s*:\s*"RUN_STARTED"/, ends: /"type"\s*:\s*"RUN_(FINISHED|ERROR)"/ },
];

/** Whether a model's stream has had its last message; null where it is no such stream. */
export function terminalOf(w: Watched): { reached: boolean } | null {
  const first = w.events.slice(0, 3).map((e) => e.data);
  const kind = KINDS.find(({ is }) => first.some((data) => is.test(data)));
  return kind ? { reached: w.events.slice(-3).some((e) => kind.ends.test(e.data)) } : null;
}
