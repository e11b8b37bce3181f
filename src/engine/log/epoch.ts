import type { Random } from '../../shared/random.ts';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** A new epoch: six of [0-9a-z], never the same as the previous one. */
export function newEpoch(random: Random, previous: string | null = null): string {
  for (;;) {
    let epoch = '';
    for (let i = 0; i < 6; i++) epoch += ALPHABET.charAt(random.int(0, ALPHABET.length - 1));
    if (epoch !== previous) return epoch;
  }
}
