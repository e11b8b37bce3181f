/** Why a lane cannot be had as it was asked for. */
import { METHOD_LABEL, type Method } from '../../shared/catalog.ts';
import { Failure } from '../../shared/failure.ts';
import { uselessSentence, uselessSettings } from '../../shared/lane-settings.ts';
import type { NoticeFact } from '../../shared/observation.ts';
import type { LaneClient } from '../../shared/run-config.ts';

/** @throws Failure `bad-lane` naming the setting that the method has no use for */
export function checkLaneClient(method: Method, client: LaneClient = {}): void {
  const [useless] = uselessSettings(method, client);
  if (useless === undefined) return;
  throw new Failure({
    code: 'bad-lane',
    message: uselessSentence(useless, method),
    hint: 'Leave it out, or give it to a lane that has a use for it.',
    place: `client.${useless}`,
    exit: 2,
  });
}

/** What was given to the lane and changes nothing: said, and the run goes on. */
export const idleSettings = (id: string, method: Method, client: LaneClient = {}): NoticeFact[] =>
  uselessSettings(method, client).map((name) => ({
    type: 'notice',
    level: 'warn',
    code: 'idle-setting',
    message: `Lane ${id}: ${uselessSentence(name, method, 'key')}`,
  }));

export const noLaneUrl = (method: Method): Failure =>
  new Failure({
    code: 'no-lanes',
    message: `There is no URL for ${METHOD_LABEL[method]} here.`,
    hint: 'Give the lane a URL of its own.',
    place: 'url',
    exit: 2,
  });

export const lastLane = (): Failure =>
  new Failure({
    code: 'last-lane',
    message: 'This is the last lane: a run has at least one.',
    hint: 'Add another first, or stop this one.',
    place: 'lane',
  });

/** A scenario's checks are about the lanes of its file. */
export const scenarioPlays = (): Failure =>
  new Failure({
    code: 'scenario-plays',
    message: 'A scenario plays, and its lanes are those of its file.',
    hint: 'Stop the scenario first, or wait until it has ended.',
    place: 'lane',
  });
