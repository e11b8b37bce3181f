/* Code that runs inside the page. Injected as source text, so nothing here may refer to anything outside its function. */

interface WorldConfig {
  secret: string;
  role: 'main' | 'isolated';
}

/**
 * Both worlds run this first. It is contextBridge's carrier: the two worlds share the DOM and nothing else, a DOM event is
 * dispatched synchronously across them, and Chromium clones its `detail`. So calls through the bridge can be synchronous
 * and values are copied, as with Electron's contextBridge.
 */
export function bridge({ secret, role }: WorldConfig): any {
  if (window !== window.top) return undefined; // preload runs in the main frame only
  const [out, inn] = role === 'main' ? ['m', 'i'] : ['i', 'm'];
  const fns = new Map<number, (...a: any[]) => any>();
  const settle = new Map<number, { resolve(v: any): void; reject(e: any): void }>();
  let ids = 0;
  let answer: any;
  const say = (detail: any): void => void window.dispatchEvent(new CustomEvent(`${secret}:${out}`, { detail }));

  const wrap = (v: any, depth = 0): any => {
    if (depth > 1000) throw new Error('contextBridge: nested too deep');
    if (typeof v === 'function') return (fns.set(++ids, v), { k: 'f', id: ids });
    if (v instanceof Promise) {
      const id = ++ids;
      v.then(
        (x) => say({ t: 'settle', id, ok: true, v: wrap(x) }),
        (e) => say({ t: 'settle', id, ok: false, v: { k: 'e', v: String(e?.message ?? e) } }),
      );
      return { k: 'p', id };
    }
    if (v instanceof Error) return { k: 'e', v: v.message };
    if (Array.isArray(v)) return { k: 'a', v: v.map((x) => wrap(x, depth + 1)) };
    if (v && typeof v === 'object' && [Object.prototype, null].includes(Object.getPrototypeOf(v))) {
      return { k: 'o', v: Object.fromEntries(Object.entries(v).map(([n, x]) => [n, wrap(x, depth + 1)])) };
    }
    if (typeof v === 'symbol') throw new Error('contextBridge: a symbol cannot be carried');
    return { k: 'v', v: v === null || typeof v !== 'object' ? v : structuredClone(v) };
  };
  const unwrap = (d: any): any => {
    switch (d.k) {
      case 'f':
        return (...args: any[]) => {
          answer = undefined;
          say({ t: 'call', id: d.id, args: args.map((a) => wrap(a)) });
          const a = answer;
          if (!a) throw new Error('contextBridge: the other world did not answer');
          const v = unwrap(a.v);
          if (!a.ok) throw v;
          return v;
        };
      case 'p':
        return new Promise((resolve, reject) => settle.set(d.id, { resolve, reject }));
      case 'e':
        return new Error(d.v);
      case 'a':
        return d.v.map(unwrap);
      case 'o':
        return Object.fromEntries(Object.entries(d.v).map(([n, x]) => [n, unwrap(x)]));
      default:
        return d.v;
    }
  };
  const freeze = (o: any): any => {
    if (o && typeof o === 'object' && !ArrayBuffer.isView(o)) Object.values(Object.freeze(o)).forEach(freeze);
    return o;
  };

  window.addEventListener(`${secret}:${inn}`, (event) => {
    const m = (event as CustomEvent).detail;
    event.stopImmediatePropagation();
    if (m.t === 'call') {
      let reply: any;
      try {
        reply = { ok: true, v: wrap(fns.get(m.id)!(...m.args.map(unwrap))) };
      } catch (e: any) {
        reply = { ok: false, v: { k: 'e', v: String(e?.message ?? e) } };
      }
      say({ t: 'return', ...reply });
    } else if (m.t === 'return') {
      answer = m;
    } else if (m.t === 'settle') {
      const s = settle.get(m.id);
      settle.delete(m.id);
      if (m.ok) s?.resolve(unwrap(m.v));
      else s?.reject(unwrap(m.v));
    } else if (m.t === 'expose') {
      Object.defineProperty(window, m.key, {
        value: freeze(unwrap(m.v)),
        enumerable: true,
        writable: false,
        configurable: false,
      });
    }
  });
  if (role === 'main') {
    // Electron gives MessagePort a `close` event, plain Chromium has none: an end that closes says so with a last message.
    const lent = new WeakSet<MessagePort>();
    const close = MessagePort.prototype.close;
    MessagePort.prototype.close = function (): void {
      if (lent.has(this)) this.postMessage(secret);
      close.call(this);
    };
    const onWindowMessage = (e: MessageEvent): void => {
      for (const port of e.ports) {
        lent.add(port);
        port.addEventListener('message', (m) => {
          if (m.data !== secret) return;
          m.stopImmediatePropagation();
          port.dispatchEvent(new Event('close'));
        });
      }
    };
    window.addEventListener('message', onWindowMessage, true);
  }
  const exposed = new Set<string>();
  return {
    exposeInMainWorld(key: string, api: unknown) {
      if (exposed.has(key)) throw new Error('Cannot bind an API on top of an existing property on the window object');
      exposed.add(key);
      say({ t: 'expose', key, v: wrap(api) });
    },
  };
}

/** The isolated world: what a SANDBOXED preload may require, and `ipcRenderer` over a CDP binding. */
export function preloadWorld(config: WorldConfig, makeBridge: typeof bridge, makeWire: any, run: any): void {
  const contextBridge = makeBridge(config);
  if (!contextBridge) return;
  const { enc, dec } = makeWire();
  const listeners = new Map<string, Set<any>>();
  const pending = new Map<number, { resolve(v: any): void; reject(e: any): void }>();
  const ports = new Map<number, MessagePort>();
  let ids = 0;
  const tell = (m: any): void => (globalThis as any).__double(JSON.stringify(m));

  const ipcRenderer: any = {
    on: (c: string, f: any) => (listeners.get(c) ?? listeners.set(c, new Set()).get(c)!).add(f) && ipcRenderer,
    once: (c: string, f: any) => {
      const g = (...a: any[]): void => (ipcRenderer.off(c, g), f(...a));
      return ipcRenderer.on(c, g);
    },
    off: (c: string, f: any) => (listeners.get(c)?.delete(f), ipcRenderer),
    removeAllListeners: (c: string) => (listeners.delete(c), ipcRenderer),
    send: (channel: string, ...args: unknown[]) => tell({ t: 'send', channel, args: enc(args) }),
    invoke: (channel: string, ...args: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++ids;
        pending.set(id, { resolve, reject });
        tell({ t: 'invoke', id, channel, args: enc(args) });
      }),
    sendSync: () => {
      throw new Error('electron double: sendSync is not offered (and should not be used)');
    },
  };
  ipcRenderer.addListener = ipcRenderer.on;
  ipcRenderer.removeListener = ipcRenderer.off;

  (globalThis as any).__fromMain = (m: any): void => {
    if (m.t === 'send') {
      const made = (m.ports ?? []).map((id: number) => {
        const { port1, port2 } = new MessageChannel();
        ports.set(id, port1);
        port1.onmessage = (e) => {
          if (e.data !== config.secret) return tell({ t: 'port', id, data: enc(e.data) });
          ports.delete(id);
          tell({ t: 'port-close', id });
        };
        return port2;
      });
      for (const f of [...(listeners.get(m.channel) ?? [])]) f({ ports: made, sender: ipcRenderer }, ...dec(m.args));
    } else if (m.t === 'reply') {
      const p = pending.get(m.id);
      pending.delete(m.id);
      if (m.ok) p?.resolve(dec(m.v));
      else p?.reject(new Error(`Error invoking remote method '${m.channel}': ${m.v}`));
    } else if (m.t === 'port') {
      ports.get(m.id)?.postMessage(dec(m.data));
    } else if (m.t === 'port-close') {
      ports.get(m.id)?.postMessage(config.secret);
      ports.delete(m.id);
    }
  };

  const modules: Record<string, unknown> = { electron: { contextBridge, ipcRenderer } };
  const require = (name: string): unknown => {
    const id = name.replace(/^node:/, '');
    if (id in modules) return modules[id];
    throw new Error(`module not found: ${name}`); // what Electron says inside a sandboxed preload
  };
  const module = { exports: {} };
  try {
    run(require, module, module.exports, {
      type: 'renderer',
      sandboxed: true,
      contextIsolated: true,
      env: {},
      platform: 'linux',
      versions: {},
    });
    tell({ t: 'preload-done' });
  } catch (e: any) {
    tell({ t: 'preload-error', message: String(e?.message ?? e) });
  }
}
