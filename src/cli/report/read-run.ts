import { existsSync } from 'node:fs';
import { readRecording } from '../../engine/recording/reader.ts';
import { lacking } from '../../engine/recording/record-shape.ts';
import { METHODS, type Method } from '../../shared/catalog.ts';
import { Failure } from '../../shared/failure.ts';
import { fold, newTally, type LaneTally } from '../../shared/measure/tally.ts';
import { summaryFact } from '../../shared/measure/summary-fact.ts';
import type {
  DropFact,
  Observation,
  ResumeFact,
  RunFact,
  ScenarioFact,
  SummaryFact,
} from '../../shared/observation.ts';

type Recorded<T> = Observation & T;

/** What a recording comes to. */
export interface RecordedRun {
  file: string;
  records: number;
  /** Engine time of the first and last record. */
  from: number;
  to: number;
  /** null when the recording began after the run. */
  run: Recorded<RunFact> | null;
  summary: { v: 1; type: 'summary'; lanes: SummaryFact['lanes'] };
  /** Whether the run said its own summary; else it was cut off and counted from the records. */
  complete: boolean;
  /** The scenario that was played: its end, or its beginning where it did not come to one; null where there was none. */
  scenario: Recorded<ScenarioFact> | null;
  drops: Recorded<DropFact>[];
  resumes: Recorded<ResumeFact>[];
}

/** Drops and resumes kept to be listed; all are counted. */
const MAX_LISTED = 10_000;

/**
 * @param onBroken takes what is wrong with a line, which is then left out; without it the first such line is thrown
 * @throws Failure naming the file, and the line where it is one
 */
export async function readRun(file: string, onBroken?: (failure: Failure) => void): Promise<RecordedRun> {
  if (!existsSync(file)) {
    throw new Failure({
      code: 'cannot-read',
      place: file,
      message: 'There is no such file.',
      hint: 'Name a recording, as heartline watch … --record run.heartline makes one.',
      exit: 3,
    });
  }
  // cast: no prototype, so no key but ours
  const tallies = Object.create(null) as Record<string, LaneTally>; // a lane may be called anything
  const found: Omit<RecordedRun, 'summary'> = {
    file,
    records: 0,
    from: 0,
    to: 0,
    run: null,
    complete: false,
    scenario: null,
    drops: [],
    resumes: [],
  };
  let recordedSummary: SummaryFact | null = null;
  const position = { line: 0 };
  const broken: Failure[] = [];
  const leaveOut = (failure: Failure): void => {
    if (!onBroken) throw failure;
    if (broken.length === 0) broken.push(failure);
    onBroken(failure);
  };
  for await (const o of readRecording(file, { onBroken: leaveOut, position })) {
    const missing = lacking(o);
    if (missing !== null) {
      leaveOut(
        new Failure({
          code: 'bad-recording',
          place: onBroken ? `${file}: line ${position.line}` : `${file}: record ${found.records + 1}`,
          message: `This "${o.type.slice(0, 40)}" record lacks what such a record has: ${missing}.`,
          hint: 'Is this a file that Heartline recorded, and nobody changed?',
          exit: 3,
        }),
      );
      continue;
    }
    if (found.records++ === 0) found.from = o.at;
    found.to = o.at;
    if (o.type === 'run') {
      found.run = o;
      for (const lane of o.lanes) fold((tallies[lane.id] ??= newTally(lane.method, lane.url)), o);
    } else if (o.type === 'lane' && o.action === 'add') tallies[o.lane!] ??= newTally(o.method, o.url);
    else if (o.type === 'summary') recordedSummary = o;
    else if (o.type === 'scenario') found.scenario = o;
    else if (o.lane !== null) fold((tallies[o.lane] ??= newTally(methodOf(o.lane), '')), o);
    else for (const tally of Object.values(tallies)) fold(tally, o);
    if (o.type === 'drop' && found.drops.length < MAX_LISTED) found.drops.push(o);
    if (o.type === 'resume' && found.resumes.length < MAX_LISTED) found.resumes.push(o);
  }
  if (found.records === 0 && broken[0]) throw broken[0]; // it is no recording at all
  if (found.records === 0) {
    throw new Failure({
      code: 'empty-recording',
      place: file,
      message: 'There is nothing in this recording.',
      hint: 'Was it cut off before its first second?',
      exit: 3,
    });
  }
  const { lanes } = recordedSummary ?? summaryFact(tallies, found.to);
  return { ...found, complete: recordedSummary !== null, summary: { v: 1, type: 'summary', lanes } };
}

/** A lane's id is its method, then `sse-2` … */
const methodOf = (lane: string): Method => METHODS.find((m) => lane === m || lane.startsWith(`${m}-`)) ?? 'sse';
