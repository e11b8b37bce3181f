import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { app, net } from 'electron';
import { parse } from 'yaml';
import { codeOf, Failure, messageOf } from '../../shared/failure.ts';
import { fieldOf } from '../../shared/guards.ts';
import { ReleaseFeed } from './release-feed.ts';
import { RELEASE_KEY } from './release-key.ts';
import { compareVersions, type ReleaseFile } from './signed-list.ts';

const LISTS: Partial<Record<NodeJS.Platform, string>> = { linux: 'latest-linux.yml', darwin: 'latest-mac.yml' };
const KINDS: Partial<Record<NodeJS.Platform, string>> = { darwin: 'zip', win32: 'exe' };

/** A newer version, offered by a signed list. */
export interface Offer {
  version: string;
  file: ReleaseFile;
}

/** A version that lies here, and is the one that was signed. */
export interface Download {
  version: string;
  path: string;
  sha512: string;
}

/** Why this copy cannot be updated from within, or null. */
export function cannotUpdate(): Failure | null {
  const refuse = (message: string, hint: string): Failure =>
    new Failure({ code: 'updates-unavailable', message, hint });
  if (!app.isPackaged) return refuse('This Heartline runs from its sources.', 'Update them, and start it again.');
  if (installedAs() === null) {
    return refuse('This copy was not installed by a package.', 'Unpack the new version in its place.');
  }
  if (feedAddress() === null) {
    return refuse(
      'This copy was packaged without the address of its releases, so it cannot look for new ones.',
      'Install new versions as you installed this one.',
    );
  }
  return null;
}

/** @returns the newer version, or null where this one is the newest @throws Failure whatever the feed throws */
export async function lookForUpdate(): Promise<Offer | null> {
  const updater = await theUpdater();
  const found = await updater.checkForUpdates();
  const list = found?.updateInfo;
  if (!list || compareVersions(list.version, app.getVersion()) !== 'newer') return null;
  const kind = installedAs();
  const file = list.files.find(({ url }) => url.endsWith(`.${kind}`));
  if (!file) {
    throw new Failure({
      code: 'update-list',
      message: `Version ${list.version} is out, but not as .${kind}, as which this one was installed.`,
      hint: 'Install it by hand.',
    });
  }
  // cast: the feed has checked that each file has a size
  return { version: list.version, file: file as ReleaseFile };
}

/** @throws Failure `update-hash` where what came is not what was signed, `update-download` where it did not come */
export async function downloadUpdate({ version, file }: Offer): Promise<Download> {
  const updater = await theUpdater();
  try {
    const [path = ''] = await updater.downloadUpdate();
    return { version, path, sha512: file.sha512 };
  } catch (error) {
    if (codeOf(error) === 'ERR_CHECKSUM_MISMATCH') throw wrongHash(file.url);
    throw new Failure({
      code: 'update-download',
      message: `${file.url} did not come: ${messageOf(error).split('\n')[0]}`,
      hint: 'Nothing was installed. Try again later.',
    });
  }
}

/** Ends the program and installs. What was right when it came is looked at again: it lay on a disk since. */
export async function installUpdate({ path, sha512 }: Download): Promise<void> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('base64') !== sha512) throw wrongHash(path);
  (await theUpdater()).quitAndInstall();
}

const wrongHash = (place: string): Failure =>
  new Failure({
    code: 'update-hash',
    message: 'The download is refused: it is not the file that was signed (its SHA-512 differs).',
    hint: 'It was thrown away, and nothing was installed.',
    place,
  });

/** `deb`, `rpm`, `AppImage`, `zip`, `exe`; null for a folder that somebody unpacked. */
function installedAs(): string | null {
  const kind = KINDS[process.platform];
  if (kind !== undefined) return kind;
  if (process.env['APPIMAGE']) return 'AppImage';
  const file = join(process.resourcesPath, 'package-type');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

/** Where releases are, as the packaging wrote it down. */
function feedAddress(): string | null {
  try {
    const url = fieldOf(parse(readFileSync(join(process.resourcesPath, 'app-update.yml'), 'utf8')), 'url');
    return typeof url === 'string' && URL.canParse(url) ? url : null;
  } catch {
    return null;
  }
}

/** Another project's key, where the program was packaged with one. It stands in the asar, as the source's own does. */
function releaseKey(): string {
  const said = fieldOf(JSON.parse(readFileSync(join(app.getAppPath(), 'package.json'), 'utf8')), 'updatePublicKey');
  return typeof said === 'string' ? said : RELEASE_KEY;
}

type Updater = (typeof import('electron-updater'))['autoUpdater'];
let updater: Promise<Updater> | null = null;

/** electron-updater, loaded the first time that somebody wants to know. */
function theUpdater(): Promise<Updater> {
  updater ??= import('electron-updater').then(({ autoUpdater }) => {
    autoUpdater.logger = null;
    autoUpdater.autoDownload = false;
    autoUpdater.autoInstallOnAppQuit = false;
    autoUpdater.disableDifferentialDownload = true; // whole files only: their hash is what was signed
    autoUpdater.isUserWithinRollout = () => true;
    autoUpdater.setFeedURL({
      provider: 'custom',
      updateProvider: class extends ReleaseFeed {
        constructor() {
          super({
            url: feedAddress()!,
            list: LISTS[process.platform] ?? 'latest.yml',
            key: releaseKey(),
            running: app.getVersion(),
            fetch: (url, options) => net.fetch(url, options),
          });
        }
      },
    });
    return autoUpdater;
  });
  return updater;
}
