import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/nearest.ts';
import type { ProxyServer } from './proxy.ts';
import type { ProxyCollection } from './collection.ts';
import { faultTaken, notFound } from './failures.ts';
import { readFaultList } from './proxy-input.ts';
import { catalogue } from './catalogue.ts';
import { badInput, fieldsOf } from './json-fields.ts';
import { faultFrom, viewOf, type NamedFault } from './named-fault.ts';
import { proxyMetrics } from './metrics.ts';

/** A request that found its route. */
export interface ControlRequest {
  collection: ProxyCollection;
  version: string;
  /** What stands where the route has `:`. */
  names: string[];
  query: URLSearchParams;
  body: unknown;
}

/** Nothing at all is 204. */
export interface ControlResponse {
  status?: number;
  json?: object;
  text?: string;
  location?: string;
}

type Handler = (asked: ControlRequest) => ControlResponse | Promise<ControlResponse>;

const root = ({ version, collection }: ControlRequest): ControlResponse => ({
  json: { heartline: version, timeScale: collection.clock.scale, routes: Object.keys(ROUTES) },
});

const setEnabled = async (collection: ProxyCollection, name: string, enabled: boolean): Promise<ControlResponse> => ({
  json: (await collection.change(name, { enabled })).view(),
});

const change: Handler = async ({ collection, names: [name], body }) => ({
  json: (await collection.change(name!, requireBody(body))).view(),
});

const changeFault: Handler = async ({ collection, names: [name, fault], body }) => ({
  json: await collection.faults(name!, (faults) => {
    const was = faultOf(faults, fault!);
    const is = faultFrom(requireBody(body), '', was);
    return { faults: faults.map((f) => (f === was ? is : f)), result: viewOf(is) };
  }),
});

/** What can be asked, by method and path; `:` stands for a name. */
const ROUTES: Record<string, Handler> = {
  'GET /': root,
  'GET /version': ({ version, collection }) => ({ json: { version, timeScale: collection.clock.scale } }),
  'GET /catalog': () => ({ json: catalogue() }),
  'GET /metrics': ({ collection, version }) => ({ text: proxyMetrics(collection, version) }),
  'GET /proxies': ({ collection }) => ({ json: { proxies: collection.all.map((proxy) => proxy.view()) } }),
  'POST /proxies': async ({ collection, body }) => {
    const proxy = await collection.create(requireBody(body));
    return { status: 201, json: proxy.view(), location: `/proxies/${proxy.name}` };
  },
  'POST /populate': async ({ collection, body }) => ({
    status: 201,
    json: { proxies: (await collection.populate(requireBody(body))).map((proxy) => proxy.view()) },
  }),
  'POST /reset': async ({ collection }) => {
    await collection.reset();
    return {};
  },
  'POST /cut': ({ collection, query, body }) => ({ json: { cut: cut(collection.all, query, body) } }),
  'GET /connections': ({ collection }) => ({ json: { connections: collection.all.flatMap(connections) } }),
  'GET /proxies/:': ({ collection, names: [name] }) => ({ json: collection.get(name!).view() }),
  'PATCH /proxies/:': change,
  'POST /proxies/:': change,
  'DELETE /proxies/:': async ({ collection, names: [name] }) => {
    await collection.remove(name!);
    return {};
  },
  'POST /proxies/:/enable': ({ collection, names: [name] }) => setEnabled(collection, name!, true),
  'POST /proxies/:/disable': ({ collection, names: [name] }) => setEnabled(collection, name!, false),
  'POST /proxies/:/cut': ({ collection, names: [name], query, body }) => ({
    json: { cut: cut([collection.get(name!)], query, body) },
  }),
  'GET /proxies/:/connections': ({ collection, names: [name] }) => ({
    json: { connections: connections(collection.get(name!)) },
  }),
  'GET /proxies/:/faults': ({ collection, names: [name] }) => ({
    json: { faults: collection.get(name!).spec.faults.map(viewOf) },
  }),
  'POST /proxies/:/faults': async ({ collection, names: [name], body }) => {
    const view = await collection.faults(name!, (faults) => {
      const fault = faultFrom(requireBody(body), '');
      if (faults.some((f) => f.name === fault.name)) throw faultTaken(fault.name, 'name');
      return { faults: [...faults, fault], result: viewOf(fault) };
    });
    return { status: 201, json: view, location: `/proxies/${name}/faults/${view.name}` };
  },
  'PUT /proxies/:/faults': async ({ collection, names: [name], body }) => ({
    json: {
      faults: await collection.faults(name!, () => {
        const faults = readFaultList(requireBody(body));
        return { faults, result: faults.map(viewOf) };
      }),
    },
  }),
  'DELETE /proxies/:/faults': async ({ collection, names: [name] }) => {
    await collection.faults(name!, () => ({ faults: [], result: null }));
    return {};
  },
  'GET /proxies/:/faults/:': ({ collection, names: [name, fault] }) => ({
    json: viewOf(faultOf(collection.get(name!).spec.faults, fault!)),
  }),
  'PATCH /proxies/:/faults/:': changeFault,
  'POST /proxies/:/faults/:': changeFault,
  'DELETE /proxies/:/faults/:': async ({ collection, names: [name, fault] }) => {
    await collection.faults(name!, (faults) => {
      const gone = faultOf(faults, fault!);
      return { faults: faults.filter((f) => f !== gone), result: null };
    });
    return {};
  },
};

const TABLE = Object.entries(ROUTES).map(([text, handle]) => {
  const [method = '', path = ''] = text.split(' ');
  return { method, path, parts: path === '/' ? [] : path.slice(1).split('/'), handle };
});

/** @throws Failure `no-such-page` with the nearest, `bad-method` with those that will do */
export function findRoute(method: string, path: readonly string[]): { handle: Handler; names: string[] } {
  const here = TABLE.filter(
    ({ parts }) => parts.length === path.length && parts.every((part, i) => part === ':' || part === path[i]),
  );
  const route = here.find((r) => r.method === method);
  if (route) return { handle: route.handle, names: path.filter((_, i) => route.parts[i] === ':') };
  const place = `/${path.join('/')}`;
  if (here.length > 0) {
    throw new Failure({
      code: 'bad-method',
      place,
      message: `${method} does nothing here.`,
      hint: `Use ${here.map((r) => r.method).join(', ')}.`,
    });
  }
  const near = nearest(
    place,
    TABLE.map(({ parts }) => `/${parts.map((part, i) => (part === ':' ? (path[i] ?? 'NAME') : part)).join('/')}`),
  );
  throw new Failure({
    code: 'no-such-page',
    place,
    message: 'There is nothing here.',
    hint: near ? `Did you mean ${near}?` : 'GET / lists what there is.',
  });
}

function requireBody(body: unknown): unknown {
  if (body === undefined) throw badInput('body', 'The request has no body.', 'Send JSON.');
  return body;
}

function faultOf(faults: readonly NamedFault[], name: string): NamedFault {
  return (
    faults.find((f) => f.name === name) ??
    notFound(
      'fault',
      name,
      faults.map((f) => f.name),
    )
  );
}

/** `?end=rst`, or the same in the body; FIN by default. */
function cut(proxies: readonly ProxyServer[], query: URLSearchParams, body: unknown): number {
  const given = body === undefined ? {} : fieldsOf(body, '', ['end'], {});
  const end = given['end'] ?? query.get('end') ?? 'fin';
  if (end !== 'fin' && end !== 'rst')
    throw badInput('end', `${JSON.stringify(end)} is no way to end.`, 'Write fin or rst.');
  return proxies.reduce((n, proxy) => n + proxy.cut(end), 0);
}

function connections(proxy: ProxyServer): object[] {
  return proxy.connections().map(({ lane: _, ...view }) => ({ proxy: proxy.name, ...view }));
}
