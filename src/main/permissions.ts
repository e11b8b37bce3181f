import { session } from 'electron';
import { isPageUrl } from './origin.ts';

/** Copying to the clipboard is the one thing the page asks the system for. Reading it, and all else, is refused. */
const GRANTED = 'clipboard-sanitized-write';

export function denyPermissions(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((contents, permission, done) => {
    done(permission === GRANTED && isPageUrl(contents.getURL()));
  });
  defaultSession.setPermissionCheckHandler(
    (_contents, permission, origin) => permission === GRANTED && isPageUrl(origin),
  );
  defaultSession.setDevicePermissionHandler(() => false);
}

/** A session asks Google for the dictionary of the system's language, whatever its windows say: it is told to check no language. */
export function fetchNoDictionaries(): void {
  const { defaultSession } = session;
  defaultSession.setSpellCheckerEnabled(false);
  defaultSession.setSpellCheckerLanguages([]);
}
