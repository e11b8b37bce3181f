import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { app } from 'electron';

/** Whether the system starts the app when somebody logs in, and the way to change it. */
export interface StartAtLogin {
  readonly on: boolean;
  /** @throws Error when the system does not let it */
  set(on: boolean): void;
}

/** On Linux a file of the desktop's autostart folder, as Electron has no way there; elsewhere the system's own list. */
export function startAtLogin(env: NodeJS.ProcessEnv = process.env): StartAtLogin {
  if (process.platform === 'linux') return autostartFile(autostartPath(env), commandOf(env));
  return {
    get on() {
      return app.getLoginItemSettings().openAtLogin;
    },
    set: (on) => app.setLoginItemSettings({ openAtLogin: on }),
  };
}

/** https://specifications.freedesktop.org/autostart-spec/latest/ */
export function autostartPath(env: NodeJS.ProcessEnv): string {
  const config = env['XDG_CONFIG_HOME'];
  // a relative one is to be ignored: https://specifications.freedesktop.org/basedir-spec/latest/
  return join(config && isAbsolute(config) ? config : join(homedir(), '.config'), 'autostart', 'heartline.desktop');
}

export function autostartFile(file: string, command: readonly string[]): StartAtLogin {
  return {
    get on() {
      return existsSync(file) && !/^(Hidden=true|X-GNOME-Autostart-enabled=false)$/m.test(readFileSync(file, 'utf8'));
    },
    set(on) {
      if (!on) return rmSync(file, { force: true });
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const lines = ['[Desktop Entry]', 'Type=Application', 'Name=Heartline', `Exec=${command.map(quoted).join(' ')}`];
      writeFileSync(file, [...lines, 'Icon=heartline', 'Terminal=false', ''].join('\n'));
    },
  };
}

/** An argument of an Exec line: quoted, with its escapes escaped once more for the file, and % doubled. */
const quoted = (argument: string): string =>
  `"${argument
    .replace(/[\\"`$]/g, '\\$&')
    .replaceAll('\\', '\\\\')
    .replaceAll('%', '%%')}"`;

function commandOf(env: NodeJS.ProcessEnv): string[] {
  if (env['APPIMAGE']) return [env['APPIMAGE']]; // what is run is a mount of it, gone after the quit
  return app.isPackaged ? [process.execPath] : [process.execPath, app.getAppPath()];
}
