import type { ConnectionOptions } from 'node:tls';
import type { Method } from '../../shared/catalog.ts';
import type { Clock } from '../../shared/clock.ts';
import type { DoctorCode } from '../../shared/doctor/codes.ts';
import type { Consent } from '../../shared/doctor/report.ts';
import type { PathSpec } from '../../shared/path/spec.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import type { Random } from '../../shared/random.ts';

/** Publishes one short message through whatever a person named; rejects where that failed. */
export type Publish = (message: string) => Promise<void>;

/** What is to be examined, and what may be done for it. Milliseconds. */
export interface DoctorOptions {
  url: string;
  /** Empty: whatever the URL answers to is found out with the first question. */
  methods: readonly Method[];
  /** Null: recognised from what comes. */
  dialect: Dialect | null;
  headers: Record<string, string>;
  /** Sent with POST; null: everything is a GET. */
  body: string | null;
  /** What is laid between the Doctor and the endpoint. */
  path: PathSpec;
  /** The longest silence that is tried. */
  quietUpToMs: number;
  /** The whole examination. */
  forMs: number;
  publish: Publish | null;
  allow: readonly Consent[];
  /** Null: every code. */
  only: readonly DoctorCode[] | null;
  clock: Clock;
  random: Random;
  tls?: ConnectionOptions;
}
