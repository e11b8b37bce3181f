/** Along with the port to the engine the desktop hands over one to its shell. */
export function onShellPort(attach: (port: MessagePort) => void): void {
  if (!window.desktop) return;
  window.addEventListener('message', ({ source, data, ports }: MessageEvent<unknown>) => {
    if (source === window && data === 'heartline:port' && ports[1]) attach(ports[1]);
  });
}
