/** One expectation of a scenario, as it came out on one lane. */
export interface CheckResult {
  name: string;
  /** Null where the whole run is meant. */
  lane: string | null;
  expected: string;
  actual: string;
  passed: boolean;
}
