import { Failure } from '../../shared/failure.ts';
import { nearest } from '../../shared/params.ts';
import type { FaultyProxy } from './faulty-proxy.ts';
import { faultTaken, missing, readFaultList, type Fleet } from './fleet.ts';
import { bad, catalogue, faultFrom, fieldsOf, viewOf, type NamedFault } from './named-fault.ts';
import { proxyMetrics } from './proxy-metrics.ts';

/** A request that found its route. */
export interface Asked {
  fleet: Fleet;
  version: string;
  /** What stands where the route has `:`. */
  names: string[];
  query: URLSearchParams;
  body: unknown;
}

/** Nothing at all is 204. */
export interface ControlAnswer {
  status?: number;
  json?: object;
  text?: string;
  location?: string;
}

type Handle = (asked: Asked) => ControlAnswer | Promise<ControlAnswer>;

const home = ({ version, fleet }: Asked): ControlAnswer => ({
  json: { heartline: version, timeScale: fleet.clock.scale, routes: Object.keys(ROUTES) },
});

const one = async (fleet: Fleet, name: string, enabled: boolean): Promise<ControlAnswer> => ({
  json: (await fleet.change(name, { enabled })).view(),
});

const change: Handle = async ({ fleet, names: [name], body }) => ({
  json: (await fleet.change(name!, needed(body))).view(),
});

const changeFault: Handle = async ({ fleet, names: [name, fault], body }) => ({
  json: await fleet.faults(name!, (faults) => {
    const was = faultOf(faults, fault!);
    const is = faultFrom(needed(body), '', was);
    return { faults: faults.map((f) => (f === was ? is : f)), result: viewOf(is) };
  }),
});

/** What can be asked, by method and path; `:` stands for a name. */
const ROUTES: Record<string, Handle> = {
  'GET /': home,
  'GET /version': ({ version, fleet }) => ({ json: { version, timeScale: fleet.clock.scale } }),
  'GET /catalog': () => ({ json: catalogue() }),
  'GET /metrics': ({ fleet, version }) => ({ text: proxyMetrics(fleet, version) }),
  'GET /proxies': ({ fleet }) => ({ json: { proxies: fleet.all.map((proxy) => proxy.view()) } }),
  'POST /proxies': async ({ fleet, body }) => {
    const proxy = await fleet.create(needed(body));
    return { status: 201, json: proxy.view(), location: `/proxies/${proxy.name}` };
  },
  'POST /populate': async ({ fleet, body }) => ({
    status: 201,
    json: { proxies: (await fleet.populate(needed(body))).map((proxy) => proxy.view()) },
  }),
  'POST /reset': async ({ fleet }) => {
    await fleet.reset();
    return {};
  },
  'POST /cut': ({ fleet, query, body }) => ({ json: { cut: cut(fleet.all, query, body) } }),
  'GET /connections': ({ fleet }) => ({ json: { connections: fleet.all.flatMap(connections) } }),
  'GET /proxies/:': ({ fleet, names: [name] }) => ({ json: fleet.get(name!).view() }),
  'PATCH /proxies/:': change,
  'POST /proxies/:': change,
  'DELETE /proxies/:': async ({ fleet, names: [name] }) => {
    await fleet.remove(name!);
    return {};
  },
  'POST /proxies/:/enable': ({ fleet, names: [name] }) => one(fleet, name!, true),
  'POST /proxies/:/disable': ({ fleet, names: [name] }) => one(fleet, name!, false),
  'POST /proxies/:/cut': ({ fleet, names: [name], query, body }) => ({
    json: { cut: cut([fleet.get(name!)], query, body) },
  }),
  'GET /proxies/:/connections': ({ fleet, names: [name] }) => ({
    json: { connections: connections(fleet.get(name!)) },
  }),
  'GET /proxies/:/faults': ({ fleet, names: [name] }) => ({
    json: { faults: fleet.get(name!).spec.faults.map(viewOf) },
  }),
  'POST /proxies/:/faults': async ({ fleet, names: [name], body }) => {
    const view = await fleet.faults(name!, (faults) => {
      const fault = faultFrom(needed(body), '');
      if (faults.some((f) => f.name === fault.name)) throw faultTaken(fault.name, 'name');
      return { faults: [...faults, fault], result: viewOf(fault) };
    });
    return { status: 201, json: view, location: `/proxies/${name}/faults/${view.name}` };
  },
  'PUT /proxies/:/faults': async ({ fleet, names: [name], body }) => ({
    json: {
      faults: await fleet.faults(name!, () => {
        const faults = readFaultList(needed(body));
        return { faults, result: faults.map(viewOf) };
      }),
    },
  }),
  'DELETE /proxies/:/faults': async ({ fleet, names: [name] }) => {
    await fleet.faults(name!, () => ({ faults: [], result: null }));
    return {};
  },
  'GET /proxies/:/faults/:': ({ fleet, names: [name, fault] }) => ({
    json: viewOf(faultOf(fleet.get(name!).spec.faults, fault!)),
  }),
  'PATCH /proxies/:/faults/:': changeFault,
  'POST /proxies/:/faults/:': changeFault,
  'DELETE /proxies/:/faults/:': async ({ fleet, names: [name, fault] }) => {
    await fleet.faults(name!, (faults) => {
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
export function findRoute(method: string, path: readonly string[]): { handle: Handle; names: string[] } {
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

function needed(body: unknown): unknown {
  if (body === undefined) throw bad('body', 'The request has no body.', 'Send JSON.');
  return body;
}

function faultOf(faults: readonly NamedFault[], name: string): NamedFault {
  return (
    faults.find((f) => f.name === name) ??
    missing(
      'fault',
      name,
      faults.map((f) => f.name),
    )
  );
}

/** `?end=rst`, or the same in the body; FIN by default. */
function cut(proxies: readonly FaultyProxy[], query: URLSearchParams, body: unknown): number {
  const given = body === undefined ? {} : fieldsOf(body, '', ['end'], {});
  const end = given['end'] ?? query.get('end') ?? 'fin';
  if (end !== 'fin' && end !== 'rst') throw bad('end', `${JSON.stringify(end)} is no way to end.`, 'Write fin or rst.');
  return proxies.reduce((n, proxy) => n + proxy.cut(end), 0);
}

function connections(proxy: FaultyProxy): object[] {
  return proxy.connections().map(({ lane: _, ...view }) => ({ proxy: proxy.name, ...view }));
}
