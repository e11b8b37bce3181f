/** Why a cell does not agree, where it is known: by preset and the start of the observable, or for all presets by `*`. */
export const REASONS: { preset: string; observable: string; reason: string }[] = [
  {
    preset: 'haproxy-tcp',
    observable: 'origin down: after',
    reason: 'HAProxy tries again three times, a second apart; a path of bytes dials once.',
  },
];
