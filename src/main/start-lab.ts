import { codeOf, failureData, failureText } from '../shared/failure.ts';
import type { Lab } from '../engine/lab.ts';
import type { Arguments } from './arguments.ts';
import type { Boxes } from './boxes.ts';

/** Starts the lab as asked for. What of it cannot be had is said, and gone on without. @throws Failure when there is no run */
export async function startLab(
  lab: Lab,
  { record, serverPort }: Pick<Arguments, 'record' | 'serverPort'>,
  boxes: Boxes,
): Promise<void> {
  try {
    await lab.start();
  } catch (error) {
    if (serverPort === null || codeOf(error) !== 'port-in-use') throw error;
    await lab.start(0);
    const url = lab.serverUrl ?? 'a free port';
    void boxes.tell({
      message: `Port ${serverPort} is in use.`,
      detail: `The built-in server listens at ${url} instead.`,
    });
  }
  if (record === null) return;
  try {
    await lab.startRecording({ file: record });
  } catch (error) {
    void boxes.tell({
      message: 'Nothing is recorded.',
      detail: `${failureText(failureData(error))}\n\nThe run goes on; Record in the page starts a recording elsewhere.`,
    });
  }
}
