/** Examines an endpoint: looks, runs what has to be run side by side, and judges by what was gathered. */
import type { Method } from '../../shared/catalog.ts';
import { CODE_TABLE, DOCTOR_CODES, type DoctorCode } from '../../shared/doctor/codes.ts';
import { fixesFor } from '../../shared/doctor/fixes/index.ts';
import type { DoctorCost, DoctorProgress, DoctorReport, Finding, Undecided } from '../../shared/doctor/report.ts';
import { METHODS } from '../../shared/catalog.ts';
import { secretsOf, shownUrl, valueRedactor } from '../../shared/secrets.ts';

import { dialectNamed } from '../dialects/index.ts';
import { isLoopback } from '../run/lane-urls.ts';
import { ask, isSecureUrl } from './connection/ask.ts';
import { baseHeaders } from './connection/base-headers.ts';
import { Dialler } from './connection/dialler.ts';
import { Exam } from './exam.ts';
import { EXPERIMENTS } from './experiments/index.ts';
import { firstLook, LOOK_COST, methodOf } from './first-look.ts';
import { inferHops } from './hops/infer.ts';
import { Ledger } from './ledger.ts';
import type { Judgement, Material } from './material.ts';
import type { DoctorOptions } from './options.ts';
import { PROBES } from './probes/index.ts';

/** Before the end there is time to let go and to judge. */
const CLOSING_MS = 300;
const LOOK_AGAIN_MS = 300;
/** Not an answer, but the lack of a way to one. */
const UNREACHABLE = ['refused', 'dns', 'tls', 'connect-timeout'];

export interface DoctorOutcome {
  report: DoctorReport;
  /** No connection could be made at all. */
  reachable: boolean;
}

export class Doctor {
  readonly budget: DoctorCost;
  readonly #o: DoctorOptions;
  readonly #ledger: Ledger;
  readonly #dialler: Dialler;
  readonly #stop = new AbortController();
  readonly #startedAt: number;
  readonly #redact: <T>(value: T) => T;
  #exams: Exam[] = [];
  /** What was judged as an examination ended, while its connections still stood. */
  readonly #judged = new Map<Exam, Map<DoctorCode, Judgement>>();
  #doing = 'Looking at what answers there.';
  #done = false;

  constructor(options: DoctorOptions) {
    this.#o = options;
    this.budget = budgetOf(options);
    this.#ledger = new Ledger(this.budget);
    this.#dialler = new Dialler(options);
    this.#startedAt = options.clock.now();
    this.#redact = redactorOf(options);
  }

  /** Ends it with what is known so far. */
  stop(): void {
    for (const x of this.#exams) this.#judge(x);
    this.#stop.abort();
  }

  get stopped(): boolean {
    return this.#stop.signal.aborted;
  }

  async run(): Promise<DoctorOutcome> {
    const { clock } = this.#o;
    try {
      const deadline = this.#startedAt + this.#o.forMs - CLOSING_MS;
      const methods = this.#o.methods.length > 0 ? this.#o.methods : [await this.#detect()];
      this.#exams = methods.map((method) => this.#examOf(method, deadline));
      this.#doing = 'Asking for the first time.';
      await Promise.all(this.#exams.map((x) => this.#examine(x)));
    } finally {
      this.#done = true;
      for (const x of this.#exams) x.end();
      await Promise.race([this.#dialler.close(), clock.sleep(2000)]);
    }
    const reachable = this.#exams.some(({ m }) => {
      const evidence = m.firstAnswers.at(-1)?.answer.evidence ?? null;
      return m.opened || evidence === null || !UNREACHABLE.includes(evidence);
    });
    return { report: this.report(), reachable };
  }

  /** What is known by now. */
  report(): DoctorReport {
    const { clock, url } = this.#o;
    const methods = this.#exams.map(({ m }) => m.method);
    const findings: Finding[] = [];
    const unknown: Undecided[] = [];
    for (const x of this.#exams) {
      const { m } = x;
      for (const code of this.#codesOf(m.method)) {
        const frozen = this.#judged.get(x);
        const judged = frozen ? (frozen.get(code) ?? null) : judge(code, m);
        if (judged === null) continue;
        if ('unknown' in judged) unknown.push({ code, method: m.method, reason: this.#reason(m, judged.unknown) });
        else findings.push(findingOf(code, m, judged));
      }
    }
    return this.#redact({
      v: 1,
      url: shownUrl(url),
      method: methods.length === 1 ? methods[0]! : methods.length === 0 ? [...this.#o.methods] : methods,
      budget: this.budget,
      spent: this.#ledger.spent(clock.now() - this.#startedAt),
      findings: findings.sort((a, b) => RANK[a.verdict] - RANK[b.verdict]),
      hops: inferHops(this.#exams.map(({ m }) => m)),
      unknown,
    });
  }

  /** How far it has come. */
  progress(): Omit<DoctorProgress, 'id' | 'version'> {
    const elapsedMs = Math.round(this.#o.clock.now() - this.#startedAt);
    const report = this.report();
    return {
      done: this.#done,
      stopped: this.stopped,
      elapsedMs,
      leftMs: this.#done ? 0 : Math.max(0, this.#o.forMs - elapsedMs),
      doing: this.#done ? (this.stopped ? 'Stopped.' : 'Done.') : this.#doing,
      checks: this.#exams.flatMap(({ m }) =>
        this.#codesOf(m.method).flatMap((code): DoctorProgress['checks'] => {
          const found = report.findings.find((f) => f.code === code && f.method === m.method);
          const open = report.unknown.some((u) => u.code === code && u.method === m.method);
          if (!found && !open) return [];
          const state = found?.verdict ?? (this.#done ? 'unknown' : m.firstAnswers.length > 0 ? 'running' : 'waiting');
          return [
            {
              code,
              method: m.method,
              label: CODE_TABLE[code].label,
              state,
              from: 0,
              to: found || this.#done ? elapsedMs : null,
            },
          ];
        }),
      ),
      report,
    };
  }

  /** Asks once what the address is for. */
  async #detect(): Promise<Method> {
    const { url, headers, clock } = this.#o;
    if (/^wss?:/.test(url)) return 'websocket';
    const fields = { ...baseHeaders({ headers }, 'text/event-stream, application/json;q=0.9, */*;q=0.5') };
    const question = { name: 'which method', url, headers: fields, headWithinMs: 5000, bodyForMs: 300 };
    return methodOf(
      url,
      await ask({ ...question, signal: this.#stop.signal }, { clock, ledger: this.#ledger, dialler: this.#dialler }),
    );
  }

  #examOf(method: Method, deadline: number): Exam {
    const { clock, random, url, headers, dialect, quietUpToMs } = this.#o;
    const material: Material = {
      method,
      url: method === 'websocket' ? url.replace(/^http/, 'ws') : url.replace(/^ws/, 'http'),
      sameClock: isLoopback(url),
      secure: isSecureUrl(new URL(url)),
      dialect: dialect ?? dialectNamed('plain'),
      headers,
      startedAt: this.#startedAt,
      now: () => clock.now(),
      unixLead: () => clock.unixTime() - clock.now(),
      quietUpToMs,
      opened: false,
      firstAnswers: [],
      alpn: null,
      plain: [],
      pinged: [],
      coded: [],
      pingWaitMs: 400,
      silences: [],
      resumes: [],
      polled: [],
      cacheTries: [],
      cacheSpanMs: 0,
      twins: null,
      keptIdle: { tried: [], ends: [] },
      conditional: null,
      published: [],
      sizes: [],
      backedOff: null,
      notTried: {},
    };
    return new Exam({
      material,
      options: this.#o,
      ledger: this.#ledger,
      dialler: this.#dialler,
      clock,
      random: random.fork(method),
      deadline,
      signal: this.#stop.signal,
    });
  }

  async #examine(x: Exam): Promise<void> {
    const { m } = x;
    const paid = isPaid(this.#o);
    if (!paid && !(await firstLook(x, this.#o.dialect !== null))) return;
    const wanted = this.#codesOf(m.method);
    const experiments = EXPERIMENTS.filter(
      (e) => e.methods.includes(m.method) && e.codes.some((code) => wanted.includes(code)),
    );
    this.#doing = 'Watching connections, side by side.';
    const all = Promise.all(
      experiments.map((e) =>
        e.run(x).catch((error: unknown) => {
          // one experiment that fails takes no other with it
          m.notTried[e.name] = error instanceof Error ? error.message : String(error);
        }),
      ),
    );
    const cancel = this.#endWhenDecided(x, wanted);
    const late = this.#o.clock.sleep(Math.max(0, x.left()), x.signal).catch(() => undefined);
    await Promise.race([all, late]);
    cancel();
    this.#finish(x);
  }

  /** Judges by everything as it stands; once. */
  #judge(x: Exam): void {
    if (this.#judged.has(x)) return;
    const at = this.#o.clock.now();
    x.m.now = () => at;
    this.#judged.set(x, new Map(this.#codesOf(x.m.method).map((code) => [code, judge(code, x.m)])));
  }

  #endWhenDecided(x: Exam, wanted: readonly DoctorCode[]): () => void {
    let cancel = (): void => {};
    const look = (): void => {
      const open = wanted.some((code) => {
        const judged = judge(code, x.m);
        return judged !== null && 'unknown' in judged;
      });
      if (!open || x.m.backedOff !== null) return this.#finish(x);
      cancel = this.#o.clock.after(LOOK_AGAIN_MS, look);
    };
    // a first word is seldom the last: what is decided at once may be decided otherwise with more
    cancel = this.#o.clock.after(Math.min(3000, this.#o.forMs / 4), look);
    return () => cancel();
  }

  #finish(x: Exam): void {
    this.#judge(x);
    x.end();
  }

  #codesOf(method: Method): DoctorCode[] {
    return DOCTOR_CODES.filter(
      (code) => CODE_TABLE[code].methods.includes(method) && (this.#o.only === null || this.#o.only.includes(code)),
    );
  }

  #reason(m: Material, reason: string): string {
    if (m.backedOff !== null) return `${reason} ${m.backedOff}`;
    if (this.stopped) return `${reason} It was stopped before.`;
    return reason;
  }
}

const RANK = { problem: 0, warning: 1, ok: 2 };

function judge(code: DoctorCode, m: Material): Judgement {
  try {
    return PROBES[code].judge(m);
  } catch (error) {
    return { unknown: `It could not be judged: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function findingOf(code: DoctorCode, m: Material, j: Exclude<Judgement, null | { unknown: string }>): Finding {
  const { unit, why } = CODE_TABLE[code];
  return {
    code,
    method: m.method,
    verdict: j.verdict,
    ...(j.kind === undefined ? {} : { kind: j.kind }),
    ...(j.value === undefined ? {} : { value: j.value }),
    ...(j.range === undefined ? {} : { range: j.range }),
    ...(j.value === undefined || unit === null ? {} : { unit: j.unit ?? unit }),
    text: j.text,
    why,
    evidence: j.evidence.map((line) => ({
      ...line,
      what: line.what,
      ...(line.bytes === undefined ? {} : { bytes: line.bytes.slice(0, 2000) }),
    })),
    fix: j.verdict === 'ok' ? [] : fixesFor(code, j.value ?? null),
  };
}

const MODEL_DIALECTS = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ai-sdk-ui', 'ag-ui', 'a2a', 'plain'];

/** Each request may cost its sender: without consent only one is made. */
const isPaid = (o: DoctorOptions): boolean =>
  o.body !== null && !o.allow.includes('spend') && MODEL_DIALECTS.includes(o.dialect?.name ?? 'plain');

/** The most that is sent, known before anything is. */
function budgetOf(o: DoctorOptions): DoctorCost {
  const seconds = Math.ceil(o.forMs / 1000);
  if (isPaid(o)) return { requests: 1, connections: 1, seconds, messages: 0 };
  const costs = (o.methods.length > 0 ? o.methods : METHODS).map((method) => costOf(o, method));
  const join = o.methods.length > 0 ? (a: number, b: number) => a + b : Math.max;
  const total = costs.reduce((a, b) => ({
    connections: join(a.connections, b.connections),
    requests: join(a.requests, b.requests),
    messages: join(a.messages, b.messages),
  }));
  const detect = o.methods.length > 0 ? 0 : 1;
  return {
    requests: total.requests + detect,
    connections: total.connections + detect,
    seconds,
    messages: total.messages,
  };
}

function costOf(o: DoctorOptions, method: Method): Omit<DoctorCost, 'seconds'> {
  const wanted = DOCTOR_CODES.filter((code) => o.only === null || o.only.includes(code));
  const total = { connections: LOOK_COST, requests: LOOK_COST, messages: 0 };
  for (const e of EXPERIMENTS) {
    if (!e.methods.includes(method) || !e.codes.some((code) => wanted.includes(code))) continue;
    const cost = e.cost(o);
    total.connections += cost.connections;
    total.requests += cost.requests ?? cost.connections;
    total.messages += cost.messages ?? 0;
  }
  return total;
}

/** Whatever a person gave as a secret leaves nowhere, also where the server repeats it. */
function redactorOf({ url, headers }: DoctorOptions): <T>(value: T) => T {
  const target = {
    kind: 'remote' as const,
    name: 'doctor',
    base: url,
    urls: {},
    channel: '',
    headers,
    dialect: 'plain',
  };
  const redact = valueRedactor(secretsOf({ target, lanes: [] }));
  if (!redact) return (value) => value;
  const walk = (value: unknown): unknown => {
    if (typeof value === 'string') return redact(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  // cast: texts become other texts, and nothing else changes
  return <T>(value: T): T => walk(value) as T;
}
