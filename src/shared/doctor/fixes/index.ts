/** Which line of which configuration cures a finding. */
import type { DoctorCode } from '../codes.ts';
import type { Fix } from '../report.ts';
import { CLOUDS } from './clouds.ts';
import type { Product } from './product.ts';
import { PROXIES } from './proxies.ts';
import { SERVERS } from './servers.ts';

export const PRODUCTS: readonly Product[] = [...PROXIES, ...CLOUDS, ...SERVERS];

const MOST_BEAT_S = 25;

/** A beat at half the limit or less keeps every path open, whoever sets the limit. */
const beatSeconds = (limitMs: number | null): number =>
  limitMs === null ? MOST_BEAT_S : Math.max(1, Math.min(MOST_BEAT_S, Math.floor(limitMs / 2000)));

/** @param value the finding's: an idle limit decides how often a beat has to come */
export function fixesFor(code: DoctorCode, value: number | null): Fix[] {
  const beat = beatSeconds(code === 'idle-limit' ? value : null);
  return PRODUCTS.flatMap(({ name, lines }) => {
    const found = lines[code];
    return found ? [{ for: name, lines: found.map((line) => line.replaceAll('{beat}', String(beat))) }] : [];
  });
}
