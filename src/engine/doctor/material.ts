/** Everything an examination has gathered of one method; the probes judge by it and by nothing else. */
import type { Method } from '../../shared/catalog.ts';
import type { Verdict, EvidenceLine } from '../../shared/doctor/report.ts';
import type { Dialect } from '../../shared/dialect/model.ts';
import type { Answer } from './connection/ask.ts';
import type { Head } from './connection/head.ts';
import type { Watched } from './connection/watched.ts';

/** One resume that was tried. */
export interface ResumeTry {
  /** Which cursor: the newest seen, one in the middle, the first, … */
  kind: 'fresh' | 'newest' | 'middle' | 'first' | 'stale' | 'epoch' | 'future' | 'malformed';
  cursor: string | null;
  watched: Watched;
}

/** One silence that was tried by a ping at its end. */
export interface SilenceTry {
  /** How long nothing had passed when the ping went out. */
  silenceMs: number;
  alive: boolean;
}

/** A poll that was to be held, and what became of it. */
export interface HeldTry {
  /** From request to answer, or for how long it has been held by now. */
  ms: number;
  status: number | null;
  how: 'answer' | 'fin' | 'rst' | 'no-answer' | 'held';
  /** It brought nothing that was not there before. */
  empty: boolean;
  head: Head | null;
}

export interface Material {
  method: Method;
  url: string;
  /** Another machine's times cannot be compared with ours. */
  sameClock: boolean;
  secure: boolean;
  dialect: Dialect;
  headers: Record<string, string>;
  startedAt: number;
  now(): number;
  /** How far the wall clock is ahead of ours. */
  unixLead(): number;
  quietUpToMs: number;
  /** The method has been spoken: a connection opened as it should. */
  opened: boolean;
  /** Each first question, redirects step by step. */
  firstAnswers: { url: string; answer: Answer }[];
  /** What ALPN agreed when h2 was offered; null: not asked or plain. */
  alpn: string | null;
  /** Connections on which we say nothing but what a client must. */
  plain: Watched[];
  /** Connections we keep busy with pings. */
  pinged: Watched[];
  /** A connection that accepts codings, as a browser does. */
  coded: Watched[];
  /** How long a pong was waited for. */
  pingWaitMs: number;
  silences: SilenceTry[];
  resumes: ResumeTry[];
  /** Pollers, one after the other request. */
  polled: Watched[];
  /** Asked twice on one address at once, and with a word added that no cache has seen. */
  cacheTries: { plain: Answer; busted: Answer; token: string }[];
  /** How long the questions about caches went on. */
  cacheSpanMs: number;
  twins: { holdMs: number; first: Answer; second: Answer } | null;
  keptIdle: { tried: number[]; ends: number[] };
  conditional: { etag: string; status: number } | null;
  published: { at: number; token: string; ok: boolean; detail: string | null }[];
  sizes: { bytes: number; ok: boolean; evidence: string | null }[];
  /** The server has asked us to stop, or grown slow: why nothing more was asked. */
  backedOff: string | null;
  /** Why an experiment was not made. */
  notTried: Record<string, string>;
}

export type Judgement =
  | {
      verdict: Verdict;
      kind?: string;
      value?: number;
      range?: [number, number];
      /** Where it is not the code's own. */
      unit?: string;
      text: string;
      evidence: EvidenceLine[];
    }
  | { unknown: string }
  /** It does not apply to this endpoint, and is not mentioned. */
  | null;
