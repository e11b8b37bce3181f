import { basename } from 'node:path';
import { app, type BrowserWindow } from 'electron';
import { Failure, failureData, failureText } from '../shared/failure.ts';
import type { Observation } from '../shared/observation.ts';
import type { OpenedInPage } from '../shared/opened.ts';
import { readRecording } from '../engine/recording/reader.ts';
import type { Boxes } from './boxes.ts';
import { LINK_SCHEME, readOpenRequest, type OpenRequest } from './open-request.ts';

/** The page holds all of a recording: one of millions of records would take its memory. */
const MAX_RECORDS = 2_000_000;

/** Opens links and files in the page, each asked about first. */
export class Opener {
  readonly #boxes: Boxes;
  readonly #window: () => BrowserWindow | undefined;
  /** For a page that does not listen yet. */
  #waiting: OpenedInPage[] = [];
  #listening = false;

  constructor(boxes: Boxes, window: () => BrowserWindow | undefined) {
    this.#boxes = boxes;
    this.#window = window;
  }

  /** On macOS the system hands links and files over by events, which may come before the app is ready. */
  watchSystem(): void {
    const open = (event: { preventDefault(): void }, given: string): void => {
      event.preventDefault();
      void app.whenReady().then(() => this.open([given]));
    };
    app.on('open-url', open).on('open-file', open);
    // Linux has it from the desktop entry that a package installs: asking here would change a person's settings.
    if (app.isPackaged && process.platform !== 'linux') app.setAsDefaultProtocolClient(LINK_SCHEME);
  }

  /** One after the other: a box at a time. */
  async open(given: readonly string[]): Promise<void> {
    for (const one of given) {
      try {
        await this.#open(readOpenRequest(one));
      } catch (error) {
        await this.#boxes.tell({
          message: 'This cannot be opened.',
          detail: `${failureText(failureData(error))}\n\n${one.slice(0, 300)}`,
        });
      }
    }
  }

  /** The page's listener is there, or there again. */
  pageListens(): void {
    this.#listening = true;
    for (const what of this.#waiting.splice(0)) this.#hand(what);
  }

  /** It is being loaded again: what comes meanwhile waits. */
  pageLoads(): void {
    this.#listening = false;
  }

  async #open(request: OpenRequest): Promise<void> {
    switch (request.kind) {
      case 'endpoint': {
        const asked = {
          message: 'Put this endpoint into the form?',
          detail: `${request.url}\n\nIt comes from a link. Nothing is sent to it before you press Check or Use.`,
        };
        if (await this.#boxes.ask(asked, 'Open')) this.#hand(request);
        return;
      }
      case 'scenario': {
        const asked = {
          message: 'Open this scenario in the storyboard?',
          detail: `${request.text.slice(0, 600)}\n\nIt comes from a link. Nothing of it runs before you press Play.`,
        };
        if (await this.#boxes.ask(asked, 'Open')) this.#hand(request);
        return;
      }
      case 'recording': {
        const asked = {
          message: 'Open this recording?',
          detail: `${request.file}\n\nIt is shown, not run. The lanes go on meanwhile.`,
        };
        if (await this.#boxes.ask(asked, 'Open')) this.#hand(await recordingIn(request.file));
      }
    }
  }

  #hand(what: OpenedInPage): void {
    const window = this.#window();
    if (!this.#listening || !window) this.#waiting.push(what);
    else window.webContents.postMessage('heartline:open', what);
  }
}

/** @throws Failure `cannot-read`, `bad-recording` */
async function recordingIn(file: string): Promise<OpenedInPage> {
  const records: Observation[] = [];
  let broken = 0;
  for await (const record of readRecording(file, { onBroken: () => broken++ })) {
    records.push(record);
    if (records.length > MAX_RECORDS)
      throw new Failure({
        code: 'bad-recording',
        place: file,
        message: `It has more than ${MAX_RECORDS.toLocaleString('en')} records, which a window does not hold.`,
        hint: 'heartline report reads it.',
      });
  }
  if (!records.some(({ type }) => type === 'run'))
    throw new Failure({
      code: 'bad-recording',
      place: file,
      message: 'It is no recording, or the start of its run was not recorded.',
      hint: 'Choose a recording that begins with its run.',
    });
  return { kind: 'recording', name: basename(file), records, broken };
}
