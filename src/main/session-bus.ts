/** The socket of the session bus; null where none is named. https://dbus.freedesktop.org/doc/dbus-specification.html#addresses */
export function sessionBus(env: NodeJS.ProcessEnv): string | null {
  const address = env['DBUS_SESSION_BUS_ADDRESS'];
  if (address === undefined) return env['XDG_RUNTIME_DIR'] ? `${env['XDG_RUNTIME_DIR']}/bus` : null;
  for (const one of address.split(';')) {
    const [, key, value] = /^unix:(?:.*,)?(path|abstract)=([^,]+)/.exec(one) ?? [];
    if (value !== undefined) return (key === 'abstract' ? '\0' : '') + decodeURIComponent(value);
  }
  return null;
}
