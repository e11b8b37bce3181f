import { stepsOf } from '../../../src/shared/path/spec.ts';
import { explainPath, unpredictedSteps } from '../../../src/shared/path/explain.ts';
import type { Method } from '../../../src/shared/catalog.ts';
import type { Hold } from '../../../src/shared/path/effect.ts';
import { metEffects } from '../../../src/shared/path/met-effects.ts';
import type { Activity, Cure, Outcome } from '../../../src/shared/path/outcome.ts';
import { resolveVia } from '../../../src/shared/path/resolve.ts';
import { NO_STORE, Trial, type TrialSetup } from './trial.ts';

/** Milliseconds by which a timer of the path may be off besides what its definition says. */
const SLACK_MS = 250;

/** One case: a sentence for each thing that the engine did otherwise than `explain` says. */
export async function disagreements(via: string, method: Method, activity: Activity): Promise<string[]> {
  const steps = stepsOf(resolveVia([via]));
  if (unpredictedSteps(steps).length > 0) return [];
  const outcome = explainPath(steps, method, activity);
  const met = metEffects(steps, method);
  const limits = met.flatMap(({ effect: e }) => (e.kind === 'end' && e.when.ms > 0 ? e.when.ms : []));
  const late =
    50 +
    sum(
      met.map(({ effect: e }) => (e.kind === 'slow' || (e.kind === 'hold' && e.until === 'moment') ? (e.ms ?? 0) : 0)),
    );
  const setup = {
    via,
    method,
    eventsMs: activity === 'busy' ? Math.min(86_400_000, ...(limits.length > 0 ? limits : [8000])) / 8 : null,
  };
  const horizon = method === 'short-polling' ? 60_000 : 2.5 * Math.max(5_000, ...limits) * (outcome.end?.tries ?? 1);
  const problems = [
    ...(await fateProblems(setup, outcome, horizon, late)),
    ...(outcome.hold && outcome.fate !== 'blocked' ? await holdProblems(setup, outcome.hold, late) : []),
    ...(await cureProblems(setup, outcome)),
    ...(outcome.fate === 'blocked' ? [] : await staleProblems(setup, outcome)),
  ];
  return problems.map((p) => `${via || 'direct'} · ${method} · ${activity}: ${p}`);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

async function trial<T>(setup: TrialSetup, run: (t: Trial) => Promise<T>): Promise<T> {
  const t = await Trial.begin(setup);
  try {
    return await run(t);
  } finally {
    await t.end();
  }
}

const fateProblems = (setup: TrialSetup, outcome: Outcome, horizon: number, late: number): Promise<string[]> =>
  trial(setup, async (t) => {
    const { end, hold } = outcome;
    if (!end) {
      await t.passTo(horizon);
      return [...stillAlive(t), ...(await arrives(t, outcome, late))];
    }
    const [soonest, latest] = end.offsetMs;
    if (outcome.activity === 'quiet' && end.when.on === 'write') {
      await t.passTo(3 * end.when.ms);
      if (t.client.ended) return stillAlive(t);
      t.publish();
      await t.pass(SLACK_MS);
      return seen(t, end.sees);
    }
    const at = end.afterMs!;
    await t.passTo(at + soonest - SLACK_MS);
    if (at > 0 && t.client.ended)
      return [`ended after ${t.endedAfter} ms, with ${t.client.ended.evidence}, not after ${at}`];
    // A busy lane meets a write timeout with the first event past it.
    await t.passTo(at + latest + SLACK_MS + (end.when.on === 'write' ? (setup.eventsMs ?? 0) : 0));
    const problems = seen(t, end.sees);
    if (
      setup.method === 'long-polling' &&
      end.tries !== t.origin.asked &&
      outcome.activity === 'quiet' &&
      end.when.on === 'silence'
    )
      problems.push(`the origin got the request ${t.origin.asked} times, not ${end.tries}`);
    if (end.sees !== 'silence') return problems;
    if (setup.method !== 'short-polling') {
      const text = t.publish();
      await t.pass(1000);
      if (t.has(text) && !hold) problems.push('an event came out of the silence');
    }
    t.client.send();
    await t.pass(1000);
    const got = t.client.ended?.evidence ?? 'nothing';
    if (got !== (end.sending ?? 'nothing')) problems.push(`sending into it brought ${got}, not ${end.sending}`);
    return problems;
  });

function stillAlive({ client, endedAfter }: Trial): string[] {
  return client.ended ? [`ended with ${client.ended.evidence} after ${endedAfter} ms, though it should live`] : [];
}

function seen({ client, endedAfter }: Trial, sees: string | null): string[] {
  const { ended } = client;
  // What an origin says to a plain GET is its own affair; it must not be 101.
  if (sees === null) return ended?.evidence === 'status:426' ? [] : [`saw ${ended?.evidence}, not the origin's 426`];
  const got = ended?.evidence ?? 'silence';
  return got === sees ? [] : [`saw ${got} after ${endedAfter} ms, not ${sees}`];
}

/** A lane that lives gets its events, at once or as its hold says. */
async function arrives(t: Trial, { hold, stale, method }: Outcome, late: number): Promise<string[]> {
  if ((hold && hold.until !== 'nothing') || stale) return [];
  const text = t.publish();
  await t.pass((method === 'short-polling' ? 4000 : 2000) + 4 * late);
  return t.has(text) ? [] : ['an event did not come'];
}

async function holdProblems({ via, method }: TrialSetup, hold: Hold, late: number): Promise<string[]> {
  const setup = { via, method };
  const problems = await trial(setup, async (t) => {
    const problems: string[] = [];
    const text = t.publish();
    await t.pass(late);
    const came = t.has(text);
    const headCame = t.client.opened;
    if (came !== (hold.until === 'nothing' || hold.until === 'moment')) problems.push(`event came at once: ${came}`);
    if (headCame === (hold.head === 'as-body')) problems.push(`head came at once: ${headCame}`);
    if (hold.until === 'next') t.publish();
    else if (hold.until === 'block') t.publish(hold.bytes);
    else if (hold.until === 'end') t.origin.endStreams();
    await t.pass(late);
    if (!t.has(text)) problems.push(`event did not come by its ${hold.until}`);
    return problems;
  });
  if (hold.head === 'until-first-byte')
    problems.push(
      ...(await trial({ ...setup, mute: true }, async (t) => (t.client.opened ? ['head came before any event'] : []))),
    );
  const prompt = (what: Partial<TrialSetup>, name: string): Promise<string[]> =>
    trial({ ...setup, ...what }, async (t) => {
      const text = t.publish();
      await t.pass(late);
      return t.has(text) ? [] : [`${name} does not help`];
    });
  if (hold.unless)
    problems.push(
      ...(await prompt({ fields: [...NO_STORE, `${hold.unless.name}: ${hold.unless.value}`] }, hold.unless.name)),
    );
  if (hold.gzipOnly) problems.push(...(await prompt({ gzip: false }, 'a client without gzip')));
  return problems;
}

/** With all of its cures a lane lives, and its events come; what still ends it does, heartbeats or not. */
async function cureProblems(setup: TrialSetup, outcome: Outcome): Promise<string[]> {
  const { cures, end, hold, lasts } = outcome;
  if (cures.length === 0 || outcome.fate === 'blocked' || cures.some((c) => c.by === 'another-method')) return [];
  const limit = end?.when.ms ?? 2000;
  const inVain = { heartbeatMs: limit / 4, holdMs: limit * 0.9 };
  const applied = { ...setup, ...(cures.some((c) => c.by === 'none') ? inVain : cured(cures, limit)) };
  const problems = await trial(applied, async (t) => {
    const { ms } = lasts?.when ?? { ms: Infinity };
    await t.passTo(Math.min(4 * limit, ms - SLACK_MS));
    if (t.client.ended) return stillAlive(t);
    if (lasts && ms <= 4 * limit) {
      // By a write: with the next that is sent.
      await t.passTo(ms + lasts.offsetMs[1] + SLACK_MS + (lasts.when.on === 'write' ? limit / 4 : 0));
      const text = t.publish();
      await t.pass(50);
      return [...seen(t, lasts.sees), ...(lasts.sees === 'silence' && t.has(text) ? ['an event came at last'] : [])];
    }
    const text = t.publish();
    await t.pass(1000 + (hold?.until === 'next' ? (applied.heartbeatMs ?? 0) : 0));
    return t.has(text) ? [] : ['an event did not come'];
  });
  return problems.map((p) => `with ${cures.map((c) => c.by).join(', ')}: ${p}`);
}

function cured(cures: readonly Cure[], limit: number): Partial<TrialSetup> {
  return Object.assign(
    {},
    ...cures.map((cure): Partial<TrialSetup> => {
      if (cure.by === 'heartbeat') return { heartbeatMs: cure.everyMs ?? limit / 2 };
      if (cure.by === 'shorter-hold') return { holdMs: cure.underMs * 0.9 };
      if (cure.by === 'response-field') return { fields: [...NO_STORE, `${cure.field.name}: ${cure.field.value}`] };
      return {};
    }),
  ) as Partial<TrialSetup>;
}

/** A poll gets an old answer for as long as it says, and not where the field is sent. */
async function staleProblems({ via, method }: TrialSetup, { stale }: Outcome): Promise<string[]> {
  if (method !== 'short-polling') return [];
  const age = (fields: readonly string[], ms: number): Promise<boolean> =>
    trial({ via, method, fields, mute: true }, async (t) => {
      const text = t.publish();
      await t.pass(ms);
      return t.has(text);
    });
  if (!stale) return (await age(NO_STORE, 4500)) ? [] : ['an event did not come with the next polls'];
  const old = stale.unless ? [] : NO_STORE;
  const problems: string[] = [];
  if (await age(old, stale.ms - 2000)) problems.push(`no old answer within ${stale.ms} ms`);
  if (!(await age(old, stale.ms + 4000))) problems.push(`an old answer after ${stale.ms} ms`);
  if (stale.unless && !(await age([`${stale.unless.name}: ${stale.unless.value}`], 4500)))
    problems.push(`an old answer in spite of ${stale.unless.name}`);
  return problems;
}
