import type { LaneSummary } from '../../shared/lane-summary.ts';
import { sureness } from './observation-line.ts';

/** What the lanes conclude from what they have seen, a line each; empty where they conclude nothing. */
export function findingsText(lanes: Record<string, LaneSummary>): string {
  const lines = Object.entries(lanes).flatMap(([id, { findings = [] }]) =>
    findings.map(
      ({ code, text, confidence }) => `  ${id.padEnd(14)} ${code.padEnd(12)} ${text} ${sureness(confidence)}`,
    ),
  );
  return lines.join('\n');
}
