import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { extname, join, resolve as resolvePath } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContext, type CDPSession, type Page } from 'playwright-core';
import { bridge, preloadWorld } from './page-world.ts';
import { makeWire } from './wire.ts';

const wire = makeWire();
const scratch = mkdtempSync(join(tmpdir(), 'electron-double-'));
/** Everything the app asked of the system that the double only writes down. */
const calls: { api: string; args: unknown[] }[] = [];
const note = (api: string, ...args: unknown[]): void => void calls.push({ api, args });

/** An API nobody wrote here must fail loudly, not be `undefined`. */
function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(t, key) {
      if (typeof key === 'symbol' || key in t || key === 'then' || key === 'toJSON') {
        const value = Reflect.get(t, key, t);
        return typeof value === 'function' ? value.bind(t) : value; // bound: private fields do not work through a proxy
      }
      throw new Error(`electron double: ${name}.${key} is not implemented`);
    },
    set: (t, key, value) => Reflect.set(t, key, value, t),
  });
}

class PreventableEvent {
  defaultPrevented = false;
  preventDefault(): void {
    this.defaultPrevented = true;
  }
}

// ---------------------------------------------------------------- Chromium
let chrome: ChildProcess | undefined;
let browser: Browser;
let context: BrowserContext;
export let cdpEndpoint = '';

async function startChromium(): Promise<void> {
  mkdirSync(app.getPath('userData'), { recursive: true }); // Electron makes it before 'ready'
  const exe = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const args = [
    '--headless',
    '--remote-debugging-port=0',
    '--remote-debugging-pipe',
    `--user-data-dir=${join(scratch, 'profile')}`,
    '--no-first-run',
    '--no-default-browser-check',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-features=Translate,MediaRouter',
    '--password-store=basic',
    '--use-mock-keychain',
    '--hide-scrollbars',
  ];
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  chrome = spawn(exe, [...args, 'about:blank'], {
    detached: true, // a process group of its own, to be ended as one
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'], // fds 3 and 4: when this process dies in any way, Chromium ends too
  });
  cdpEndpoint = await new Promise((resolve, reject) => {
    let log = '';
    chrome!.stderr!.on('data', (d) => {
      log += d;
      const m = /DevTools listening on (ws:\S+)/.exec(log);
      if (m) resolve(m[1]!);
    });
    chrome!.once('exit', (code) => reject(new Error(`Chromium ended (${code}): ${log.slice(-2000)}`)));
    chrome!.once('error', reject);
  });
  browser = await chromium.connectOverCDP(cdpEndpoint);
  context = browser.contexts()[0]!;
}

// ---------------------------------------------------------------- app
let ready = false;
let quitting = false;
const pkg = JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8'));

class App extends EventEmitter {
  #paths = new Map<string, string>([
    ['userData', join(scratch, 'userData')],
    ['temp', tmpdir()],
    ['home', scratch],
  ]);
  isPackaged = false;
  name = pkg.productName ?? pkg.name;
  commandLine = {
    appendSwitch: (...a: unknown[]) => note('app.commandLine.appendSwitch', ...a),
    hasSwitch: (name: string) => process.argv.includes(`--${name}`),
  };
  whenReady(): Promise<void> {
    return ready ? Promise.resolve() : new Promise((r) => this.once('ready', () => r()));
  }
  isReady(): boolean {
    return ready;
  }
  enableSandbox(): void {
    if (ready) throw new Error('app.enableSandbox() can only be called before app is ready');
    note('app.enableSandbox');
  }
  #lock: string | undefined;
  /** As in Electron one lock a userData folder. The second process leaves its data and tells the first with a signal. */
  requestSingleInstanceLock(additionalData: unknown = null): boolean {
    const file = join(this.getPath('userData'), 'double-instance.lock');
    mkdirSync(this.getPath('userData'), { recursive: true });
    if (existsSync(file)) {
      try {
        const handed = { argv: process.argv, cwd: process.cwd(), additionalData };
        writeFileSync(`${file}.knock`, JSON.stringify(handed));
        process.kill(Number(readFileSync(file, 'utf8')), 'SIGUSR2');
        return false;
      } catch {
        // its holder is gone
      }
    }
    process.on('SIGUSR2', () => {
      const { argv, cwd, additionalData: handed } = JSON.parse(readFileSync(`${file}.knock`, 'utf8'));
      this.emit('second-instance', new PreventableEvent(), argv, cwd, handed);
    });
    writeFileSync(file, String(process.pid));
    this.#lock = file;
    return true;
  }
  getPath(name: string): string {
    const p = this.#paths.get(name);
    if (!p) throw new Error(`electron double: app.getPath('${name}') is not implemented`);
    return p;
  }
  setPath(name: string, path: string): void {
    this.#paths.set(name, path);
  }
  getVersion(): string {
    return pkg.version;
  }
  setBadgeCount(count: number): boolean {
    note('app.setBadgeCount', count);
    return false; // no launcher that shows one
  }
  setAsDefaultProtocolClient(scheme: string): boolean {
    note('app.setAsDefaultProtocolClient', scheme);
    return false;
  }
  getLoginItemSettings(): { openAtLogin: boolean } {
    return { openAtLogin: false };
  }
  setLoginItemSettings(settings: unknown): void {
    note('app.setLoginItemSettings', settings);
  }
  getName(): string {
    return this.name;
  }
  getAppPath(): string {
    return process.cwd();
  }
  getGPUFeatureStatus(): Record<string, string> {
    return { gpu_compositing: 'disabled_software' }; // the Chromium that stands in has --headless and no GPU
  }
  setAppUserModelId(id: string): void {
    note('app.setAppUserModelId', id);
  }
  focus(): void {}
  quit(): void {
    if (quitting) return;
    void (async () => {
      const before = new PreventableEvent();
      this.emit('before-quit', before);
      if (before.defaultPrevented) return;
      quitting = true;
      for (const w of BrowserWindow.getAllWindows()) {
        w.close();
        await w._gone.catch(() => {});
        if (!w.isDestroyed()) return void (quitting = false); // a window refused to close
      }
      const will = new PreventableEvent();
      this.emit('will-quit', will);
      if (will.defaultPrevented) return void (quitting = false);
      this.exit(0);
    })();
  }
  exit(code = 0): void {
    this.emit('quit', {}, code);
    if (this.#lock) for (const file of [this.#lock, `${this.#lock}.knock`]) rmSync(file, { force: true });
    stopChromium();
    process.exit(code); // at once, as Electron does: what the app has not awaited by now is lost
  }
}
function stopChromium(): void {
  try {
    if (chrome?.pid !== undefined) process.kill(-chrome.pid, 'SIGKILL');
  } catch {
    // it has ended already
  }
  rmSync(scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
}
export const app = strict('app', new App());
process.on('SIGTERM', () => app.quit());
process.on('SIGINT', () => app.quit());

// ---------------------------------------------------------------- protocol and session
const handlers = new Map<string, (r: Request) => Response | Promise<Response>>();
const privileged = new Set<string>();
/** `app://bundle/x` is unknown to a plain Chromium: it is shown as http://bundle.app.localhost/x (a secure context). */
const toPage = (url: string): string => {
  const m = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(.*)$/.exec(url);
  if (m && handlers.has(m[1]!)) return `http://${m[2]}.${m[1]}.localhost${m[3]}`;
  if (url.startsWith('file://')) return `http://root.file.localhost${url.slice(7)}`;
  return url;
};
const fromPage = (url: string): string => {
  const m = /^http:\/\/([^/]*)\.([a-z]+)\.localhost(.*)$/.exec(url);
  if (!m) return url;
  return m[2] === 'file' ? `file://${m[3]}` : `${m[2]}://${m[1]}${m[3]}`;
};
export const protocol = strict('protocol', {
  registerSchemesAsPrivileged(list: { scheme: string }[]) {
    if (ready) throw new Error('protocol.registerSchemesAsPrivileged should be called before app is ready');
    for (const s of list) privileged.add(s.scheme);
  },
  handle(scheme: string, handler: (r: Request) => Response | Promise<Response>) {
    if (!ready) throw new Error('protocol.handle can only be used after app is ready');
    if (handlers.has(scheme)) throw new Error(`The scheme has been registered: ${scheme}`);
    if (!privileged.has(scheme)) throw new Error(`electron double: ${scheme} was never registered as privileged`);
    handlers.set(scheme, handler);
  },
  unhandle: (scheme: string) => void handlers.delete(scheme),
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
});
const permission: {
  request?: (...a: any[]) => void;
  check?: (...a: any[]) => boolean;
  device?: (...a: any[]) => boolean;
} = {};
export const session = strict('session', {
  defaultSession: strict('session.defaultSession', {
    protocol,
    setPermissionRequestHandler: (f: any) => void (permission.request = f),
    setPermissionCheckHandler: (f: any) => void (permission.check = f),
    setDevicePermissionHandler: (f: any) => void (permission.device = f),
    setSpellCheckerEnabled: (on: boolean) => note('session.setSpellCheckerEnabled', on),
    setSpellCheckerLanguages: () => {},
    clearStorageData: async () => context.clearCookies(),
  }),
});

// ---------------------------------------------------------------- message ports
let portIds = 0;
export class MessagePortMain extends EventEmitter {
  _id = ++portIds;
  _peer?: MessagePortMain;
  _remote?: WebContents; // set when this end was transferred into a page
  _started = false;
  _closed = false;
  #queue: unknown[] = [];
  postMessage(message: unknown, transfer: MessagePortMain[] = []): void {
    if (transfer.length) throw new Error('electron double: ports inside a port message are not implemented');
    if (this._closed || !this._peer) return;
    const data = structuredClone(message);
    if (this._peer._remote) this._peer._receive(data);
    else setImmediate(() => this._peer!._receive(data));
  }
  /** This end moves into a page; what was posted to it before goes with it. */
  _transfer(to: WebContents): unknown[] {
    this._remote = to;
    return this.#queue.splice(0);
  }
  _receive(data: unknown): void {
    if (this._closed) return;
    if (this._remote) this._remote._tell({ t: 'port', id: this._id, data: wire.enc(data) });
    else if (this._started) this.emit('message', { data, ports: [] });
    else this.#queue.push(data);
  }
  start(): void {
    this._started = true;
    for (const d of this.#queue.splice(0)) this.emit('message', { data: d, ports: [] });
  }
  close(): void {
    if (this._closed) return;
    this._closed = true;
    const peer = this._peer;
    if (peer?._remote) peer._remote._tell({ t: 'port-close', id: peer._id });
    setImmediate(() => {
      this.emit('close');
      if (peer && !peer._closed) {
        peer._closed = true;
        peer.emit('close');
      }
    });
  }
}
export class MessageChannelMain {
  port1 = new MessagePortMain();
  port2 = new MessagePortMain();
  constructor() {
    this.port1._peer = this.port2;
    this.port2._peer = this.port1;
  }
}

// ---------------------------------------------------------------- ipcMain
class IpcMain extends EventEmitter {
  _handlers = new Map<string, (event: any, ...args: any[]) => unknown>();
  handle(channel: string, f: (event: any, ...args: any[]) => unknown): void {
    if (this._handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this._handlers.set(channel, f);
  }
  handleOnce(channel: string, f: (event: any, ...args: any[]) => unknown): void {
    this.handle(channel, (...a) => (this.removeHandler(channel), f(...a)));
  }
  removeHandler(channel: string): void {
    this._handlers.delete(channel);
  }
}
export const ipcMain = strict('ipcMain', new IpcMain());

// ---------------------------------------------------------------- web contents
let contentsIds = 0;
export class WebContents extends EventEmitter {
  id = ++contentsIds;
  session = session.defaultSession;
  /** What the app holds: the strict face of this object. */
  _self: WebContents = this;
  #owner: BrowserWindow;
  #page!: Page;
  #cdp!: CDPSession;
  #world: number | undefined;
  #ports = new Map<number, MessagePortMain>();
  #openHandler: (d: { url: string }) => { action: string } = () => ({ action: 'allow' });
  #opening: string[] = [];
  #inApp = false; // a load the app asked for is not a 'will-navigate'
  mainFrame: {
    url: string;
    origin: string;
    postMessage(channel: string, message: unknown, transfer?: MessagePortMain[]): void;
  };

  constructor(owner: BrowserWindow) {
    super();
    this.#owner = owner;
    const url = (): string => fromPage(this.#page?.url() ?? '');
    const post = (c: string, m: unknown, t?: MessagePortMain[]): void => this.postMessage(c, m, t);
    this.mainFrame = {
      get url() {
        return url();
      },
      get origin() {
        return new URL(url()).origin;
      },
      postMessage: post,
    };
  }

  async _attach(page: Page, prefs: Record<string, unknown>): Promise<void> {
    this.#page = page;
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }));
    page.on('console', (m) =>
      this.emit('console-message', {
        level: m.type(),
        message: m.text(),
        lineNumber: m.location().lineNumber,
        sourceId: m.location().url,
      }),
    );
    page.on('domcontentloaded', () => this.emit('dom-ready'));
    page.on('load', () => this.emit('did-finish-load'));
    page.on('framenavigated', (f) => f === page.mainFrame() && this.emit('did-navigate', {}, fromPage(f.url())));
    page.on('popup', (popup) => {
      const url = fromPage(this.#opening.shift() ?? popup.url()); // the popup itself is still about:blank
      note('window.open', url);
      if (this.#openHandler({ url }).action !== 'allow') void popup.close();
      else this.emit('did-create-window', new BrowserWindow({ ...this.#owner._options, _page: popup }), { url });
    });
    await page.route('**/*', async (route) => {
      const request = route.request();
      if (request.isNavigationRequest() && request.frame() === page.mainFrame() && !this.#inApp) {
        const event = Object.assign(new PreventableEvent(), { url: fromPage(request.url()) });
        this.emit('will-navigate', event, fromPage(request.url()));
        if (event.defaultPrevented) return route.abort('aborted');
      }
      const url = fromPage(request.url());
      const scheme = url.slice(0, url.indexOf(':'));
      if (scheme === 'file') {
        const type = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' }[
          extname(new URL(url).pathname)
        ];
        return route.fulfill({ path: new URL(url).pathname, ...(type ? { contentType: type } : {}) });
      }
      const handler = handlers.get(scheme);
      if (!handler) return /^https?:/.test(url) ? route.continue() : route.abort();
      const body = request.postDataBuffer();
      const response = await handler(
        new Request(url, {
          method: request.method(),
          headers: request.headers(),
          ...(body ? { body: new Uint8Array(body) } : {}),
        }),
      );
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: Buffer.from(await response.arrayBuffer()),
      });
    });

    const cdp = (this.#cdp = await page.context().newCDPSession(page));
    const worldName = 'Electron Isolated Context';
    cdp.on('Runtime.executionContextCreated', ({ context: c }) => {
      if (c.name === worldName && (c.auxData as any)?.frameId === mainFrameId) {
        this.#dropPorts();
        this.#world = c.id;
      }
    });
    cdp.on('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name === '__double' && executionContextId === this.#world) void this.#fromPage(JSON.parse(payload));
    });
    cdp.on('Page.windowOpen', ({ url }) => void this.#opening.push(url));
    await cdp.send('Page.enable');
    const mainFrameId = (await cdp.send('Page.getFrameTree')).frameTree.frame.id;
    await cdp.send('Runtime.enable');
    const secret = randomUUID();
    const preload = prefs['preload'] as string | undefined;
    if (prefs['contextIsolation'] === false) throw new Error('electron double: contextIsolation: false is not offered');
    if (prefs['nodeIntegration'] === true) throw new Error('electron double: nodeIntegration: true is not offered');
    if (prefs['sandbox'] === false) throw new Error('electron double: sandbox: false is not offered');
    if (preload) {
      if (!resolvePath(preload).startsWith('/') || extname(preload) === '.mjs')
        throw new Error('a sandboxed preload must be an absolute path to CommonJS');
      await cdp.send('Runtime.addBinding', { name: '__double', executionContextName: worldName });
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        source: `(${bridge})(${JSON.stringify({ secret, role: 'main' })})`,
      });
      const code = readFileSync(preload, 'utf8');
      await cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        worldName,
        source: `(${preloadWorld})(${JSON.stringify({ secret, role: 'isolated' })}, ${bridge}, ${makeWire}, function (require, module, exports, process) {${code}\n})`,
      });
    }
  }

  #event(extra: object = {}): object {
    return { sender: this._self, senderFrame: this.mainFrame, processId: 1, frameId: 1, ports: [], ...extra };
  }

  async #fromPage(m: any): Promise<void> {
    if (m.t === 'send') {
      const event = this.#event({ reply: (c: string, ...a: unknown[]) => this.send(c, ...a) });
      if (!ipcMain.listenerCount(m.channel)) note('ipc without a listener', m.channel);
      ipcMain.emit(m.channel, event, ...(wire.dec(m.args) as unknown[]));
    } else if (m.t === 'invoke') {
      const handler = ipcMain._handlers.get(m.channel);
      try {
        if (!handler) throw new Error(`No handler registered for '${m.channel}'`);
        const v = await handler(this.#event(), ...(wire.dec(m.args) as unknown[]));
        this._tell({ t: 'reply', id: m.id, ok: true, v: wire.enc(v) });
      } catch (e) {
        this._tell({ t: 'reply', id: m.id, ok: false, channel: m.channel, v: String(e) });
      }
    } else if (m.t === 'port') {
      this.#ports.get(m.id)?._peer?._receive(wire.dec(m.data));
    } else if (m.t === 'port-close') {
      const port = this.#ports.get(m.id);
      this.#ports.delete(m.id);
      port?.close();
    } else if (m.t === 'preload-error') {
      this.emit('preload-error', {}, '', new Error(m.message));
      console.error(`Unable to load preload script: ${m.message}`);
    }
  }
  #dropPorts(): void {
    for (const p of this.#ports.values()) p.close(); // the document that held them is gone
    this.#ports.clear();
  }
  _tell(m: object): void {
    if (this.#world === undefined) return;
    this.#cdp
      .send('Runtime.callFunctionOn', {
        executionContextId: this.#world,
        functionDeclaration: 'function (m) { __fromMain(m) }',
        arguments: [{ value: m }],
      })
      .catch(() => {}); // the document is going away
  }
  send(channel: string, ...args: unknown[]): void {
    this._tell({ t: 'send', channel, args: wire.enc(args) });
  }
  postMessage(channel: string, message: unknown, transfer: MessagePortMain[] = []): void {
    const queued = transfer.map((p) => p._transfer(this));
    for (const p of transfer) this.#ports.set(p._id, p);
    this._tell({ t: 'send', channel, args: wire.enc([message]), ports: transfer.map((p) => p._id) });
    transfer.forEach((p, i) => queued[i]!.forEach((data) => p._receive(data)));
  }
  async _load(url: string): Promise<void> {
    this.emit('did-start-loading');
    this.#inApp = true;
    try {
      await this.#page.goto(toPage(url));
    } finally {
      this.#inApp = false;
    }
  }
  loadURL(url: string): Promise<void> {
    return this.#owner.loadURL(url);
  }
  getURL(): string {
    return this.mainFrame.url;
  }
  reload(): void {
    this.emit('did-start-loading');
    this.#inApp = true;
    void this.#page.reload().finally(() => (this.#inApp = false));
  }
  setWindowOpenHandler(f: (d: { url: string }) => { action: string }): void {
    this.#openHandler = f;
  }
  executeJavaScript(code: string): Promise<unknown> {
    return this.#page.evaluate(code);
  }
  setBackgroundThrottling(on: boolean): void {
    note('webContents.setBackgroundThrottling', on);
  }
  isDestroyed(): boolean {
    return this.#owner.isDestroyed();
  }
  openDevTools(): void {
    note('webContents.openDevTools');
  }
  async _dispose(): Promise<void> {
    this.#dropPorts();
    this.#world = undefined;
    await this.#page?.close().catch(() => {});
  }
}

// ---------------------------------------------------------------- windows
interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}
/** The screens there are, the primary one first; DOUBLE_DISPLAYS names others as JSON rectangles. */
const displays = (
  JSON.parse(process.env['DOUBLE_DISPLAYS'] ?? '[{"x":0,"y":0,"width":1920,"height":1040}]') as Rectangle[]
).map((workArea, id) => ({ id, workArea, bounds: workArea, scaleFactor: 1 }));
export const screen = strict(
  'screen',
  Object.assign(new EventEmitter(), { getAllDisplays: () => displays, getPrimaryDisplay: () => displays[0]! }),
);
const windows = new Set<BrowserWindow>();
export class BrowserWindow extends EventEmitter {
  static getAllWindows = (): BrowserWindow[] => [...windows];
  static fromWebContents = (wc: WebContents): BrowserWindow | null =>
    [...windows].find((w) => w.webContents === wc) ?? null;
  static getFocusedWindow = (): BrowserWindow | null => [...windows].find((w) => w.isVisible()) ?? null;
  id = 0;
  webContents: WebContents;
  _options: Record<string, any>;
  _gone: Promise<void>;
  #ready: Promise<Page>;
  #visible: boolean;
  #minimized = false;
  #maximized = false;
  #bounds: Rectangle;
  #destroyed = false;
  #gone!: () => void;

  constructor(options: Record<string, any> = {}) {
    super();
    if (!ready) throw new Error('Cannot create BrowserWindow before app is ready');
    this._options = options;
    this.#visible = options['show'] !== false;
    this.#bounds = {
      x: options['x'] ?? 0,
      y: options['y'] ?? 0,
      width: options['width'] ?? 800,
      height: options['height'] ?? 600,
    };
    const contents = strict('webContents', new WebContents(this));
    contents._self = contents;
    this.webContents = contents;
    this.id = contents.id;
    this._gone = new Promise((r) => (this.#gone = r));
    windows.add(this);
    this.#ready = (async () => {
      const page: Page = options['_page'] ?? (await context.newPage());
      await page.setViewportSize({ width: options['width'] ?? 800, height: options['height'] ?? 600 });
      await contents._attach(page, options['webPreferences'] ?? {});
      page.on('close', () => this.#closed());
      return page;
    })();
    this.#ready.catch((e) => {
      console.error(e);
      app.exit(1);
    });
    contents.once('did-finish-load', () => this.emit('ready-to-show'));
    app.emit('browser-window-created', {}, this);
  }
  async loadURL(url: string): Promise<void> {
    await this.#ready;
    await this.webContents._load(url);
  }
  loadFile(path: string): Promise<void> {
    return this.loadURL(pathToFileURL(resolvePath(path)).href);
  }
  show(): void {
    this.#visible = true;
    this.emit('show');
  }
  hide(): void {
    this.#visible = false;
    this.emit('hide');
  }
  focus(): void {
    this.emit('focus');
  }
  isVisible(): boolean {
    return this.#visible;
  }
  minimize(): void {
    this.#minimized = true;
    this.emit('minimize');
  }
  restore(): void {
    this.#minimized = false;
    this.emit('restore');
  }
  maximize(): void {
    this.#maximized = true;
    this.emit('maximize');
  }
  unmaximize(): void {
    this.#maximized = false;
    this.emit('unmaximize');
  }
  isFullScreen(): boolean {
    return false;
  }
  isMaximized(): boolean {
    return this.#maximized;
  }
  getBounds(): Rectangle {
    return { ...this.#bounds };
  }
  getNormalBounds(): Rectangle {
    return this.getBounds();
  }
  setBounds(bounds: Partial<Rectangle>): void {
    Object.assign(this.#bounds, bounds);
    const { width, height } = this.#bounds;
    void this.#ready.then((page) => page.setViewportSize({ width, height })).catch(() => {}); // it is being closed
    this.emit('move');
    this.emit('resize');
  }
  setBackgroundColor(color: string): void {
    this._options['backgroundColor'] = color;
  }
  isMinimized(): boolean {
    return this.#minimized;
  }
  isDestroyed(): boolean {
    return this.#destroyed;
  }
  setMenuBarVisibility(): void {}
  setProgressBar(...a: unknown[]): void {
    note('setProgressBar', ...a);
  }
  setTitle(title: string): void {
    note('setTitle', title);
  }
  close(): void {
    const event = new PreventableEvent();
    this.emit('close', event);
    if (!event.defaultPrevented) this.destroy();
    else this.#gone();
  }
  destroy(): void {
    void this.#ready.finally(() => this.webContents._dispose()).then(() => this.#closed());
  }
  #closed(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    windows.delete(this);
    this.emit('closed');
    this.#gone();
    if (windows.size === 0 && !quitting) {
      if (!app.emit('window-all-closed')) app.quit();
    }
  }
}
// ---------------------------------------------------------------- the rest: written down, never carried out
let menu: unknown = null;
export class Menu {
  items: any[];
  constructor(items: any[] = []) {
    this.items = items;
  }
  static buildFromTemplate = (template: any[]): Menu => new Menu(template);
  static setApplicationMenu = (m: Menu | null): void => void (menu = m);
  static getApplicationMenu = (): unknown => menu;
}
export const shell = strict('shell', {
  openExternal: async (url: string) => note('shell.openExternal', url),
  openPath: async (p: string) => (note('shell.openPath', p), ''),
  showItemInFolder: (p: string) => note('shell.showItemInFolder', p),
});
export const powerMonitor = strict(
  'powerMonitor',
  Object.assign(new EventEmitter(), { getSystemIdleTime: () => 0, isOnBatteryPower: () => false }),
);
class NativeTheme extends EventEmitter {
  #source = 'system';
  get themeSource(): string {
    return this.#source;
  }
  set themeSource(source: string) {
    this.#source = source;
    this.emit('updated');
  }
  get shouldUseDarkColors(): boolean {
    return this.#source !== 'light';
  }
}
export const nativeTheme = strict('nativeTheme', new NativeTheme());
export const dialog = strict('dialog', {
  showErrorBox: (...a: unknown[]) => note('dialog.showErrorBox', ...a),
  showMessageBox: async (...a: unknown[]) => (
    note('dialog.showMessageBox', ...a),
    { response: 0, checkboxChecked: false }
  ),
});
export const clipboard = strict('clipboard', { writeText: (text: string) => note('clipboard.writeText', text) });
/** As on a Linux without a keyring: what it offers hides nothing. */
export const safeStorage = strict('safeStorage', {
  isEncryptionAvailable: () => true,
  getSelectedStorageBackend: () => 'basic_text',
  encryptString: (text: string) => Buffer.from(text),
  decryptString: (data: Buffer) => data.toString(),
});
export const net = strict('net', { fetch: (url: string, init?: RequestInit) => fetch(url, init) });
export const nativeImage = strict('nativeImage', {
  createFromBitmap: (pixels: Buffer, options: unknown) => ({ pixels, options }),
});
export class Tray extends EventEmitter {
  setImage(): void {}
  setToolTip(text: string): void {
    note('tray.setToolTip', text);
  }
  setContextMenu(m: Menu): void {
    note(
      'tray.setContextMenu',
      m.items.map((item) => item.label ?? ''),
    );
  }
  destroy(): void {}
}
export class Notification extends EventEmitter {
  static isSupported = (): boolean => true;
  #options: unknown;
  constructor(options: unknown) {
    super();
    this.#options = options;
  }
  show(): void {
    note('notification.show', this.#options);
  }
}
export const utilityProcess = strict('utilityProcess', {});
export const contextBridge = undefined; // in the main process these are undefined in Electron too
export const ipcRenderer = undefined;
export const __double = {
  calls,
  windows,
  permission,
  get cdpEndpoint() {
    return cdpEndpoint;
  },
};

const all: Record<string, unknown> = {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  nativeImage,
  nativeTheme,
  Notification,
  powerMonitor,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
  Tray,
  __double,
};
export default all;

// ---------------------------------------------------------------- start, and the test's line to this process
process.on('message', (m: { id: number; fn: string; arg: unknown }) => {
  void (async () => {
    try {
      const value = await (0, eval)(`(${m.fn})`)(all, m.arg);
      process.send!({ id: m.id, ok: true, value });
    } catch (e) {
      process.send!({ id: m.id, ok: false, value: e instanceof Error ? (e.stack ?? e.message) : String(e) });
    }
  })();
});
process.on('disconnect', () => app.exit(0));
// Electron emits 'ready' only after the main module has been evaluated.
setImmediate(() => {
  startChromium().then(
    () => {
      ready = true;
      process.send?.({ ready: cdpEndpoint });
      app.emit('ready', {});
    },
    (e) => {
      console.error(e);
      process.exit(70);
    },
  );
});
