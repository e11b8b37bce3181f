import { contextBridge, ipcRenderer } from 'electron';

// All the page gets is a MessagePort to the engine and one to the shell, when it asks for them. contextBridge cannot carry a port; a message to
// the same window can.
ipcRenderer.on('heartline:port', (event) => {
  window.postMessage('heartline:port', window.location.origin, [...event.ports]);
});
// Something from a link or a file, to be looked at.
ipcRenderer.on('heartline:open', (_, what: unknown) => {
  window.postMessage({ 'heartline:open': what }, window.location.origin);
});
contextBridge.exposeInMainWorld('desktop', {
  connect: (): void => ipcRenderer.send('heartline:connect'),
});
