import { Failure, messageOf } from '../../shared/failure.ts';
import { compareVersions, readSignedList, type ReleaseFile, type ReleaseList } from './signed-list.ts';

/** A list names a few files; whoever sends more than this sends something else. */
const MAX_LIST = 64 * 1024;
const TIMEOUT_MS = 20_000;

export interface FeedOptions {
  /** The folder with the lists and the installers, `https://…`. */
  url: string;
  /** `latest-linux.yml` and the like. */
  list: string;
  /** Public key, base64. */
  key: string;
  /** The version that runs. */
  running: string;
  /** Chromium's, which goes by the system's proxies; a test's own. */
  fetch: (url: string, options: { signal: AbortSignal; cache: 'no-store' }) => Promise<Response>;
}

/** Where electron-updater has its versions from: a list that is believed only when it is signed. It sends nothing of the user. */
export class ReleaseFeed {
  readonly isUseMultipleRangeRequest = false;
  readonly fileExtraDownloadHeaders = null;
  readonly #options: FeedOptions;
  readonly #base: URL;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#base = new URL(options.url.endsWith('/') ? options.url : `${options.url}/`);
  }

  /** electron-updater's own header names the installation; it is not sent. */
  setRequestHeaders(): void {}

  /** @throws Failure `update-unreachable`, `update-signature`, `update-list`, `update-downgrade` */
  async getLatestVersion(): Promise<ReleaseList> {
    const { list: name, key, running } = this.#options;
    const place = new URL(name, this.#base).href;
    const bytes = await this.#get(place);
    const signature = await this.#get(`${place}.sig`);
    const list = readSignedList(bytes, signature.toString('latin1'), key, place);
    if (compareVersions(list.version, running) === 'older') {
      throw new Failure({
        code: 'update-downgrade',
        message: `Version ${list.version} is refused: it is older than this one, ${running}.`,
        hint: 'An old list may be signed and yet bring old faults back. Nothing was downloaded.',
        place,
      });
    }
    return list;
  }

  resolveFiles(list: ReleaseList): { url: URL; info: ReleaseFile }[] {
    return list.files.map((info) => ({ url: new URL(info.url, this.#base), info }));
  }

  async #get(url: string): Promise<Buffer> {
    const unreachable = (why: string): Failure =>
      new Failure({
        code: 'update-unreachable',
        message: `Whether there is a new version is not known: ${why}`,
        hint: 'Try again later.',
        place: url,
      });
    let response: Response;
    try {
      response = await this.#options.fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS), cache: 'no-store' });
    } catch (error) {
      throw unreachable(`${messageOf(error)}.`);
    }
    if (!response.ok) throw unreachable(`the server answered ${response.status}.`);
    const parts: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const part of response.body ?? []) {
        size += part.length;
        if (size > MAX_LIST) break;
        parts.push(part);
      }
    } catch (error) {
      throw unreachable(`${messageOf(error)}.`);
    }
    if (size > MAX_LIST) throw unreachable(`the answer is longer than ${MAX_LIST / 1024} KiB.`);
    return Buffer.concat(parts);
  }
}
