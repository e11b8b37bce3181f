import type { Clock } from '../../shared/clock.ts';
import { Failure, failureData } from '../../shared/failure.ts';
import { nearest } from '../../shared/path/params.ts';
import type { Journal } from '../journal/journal.ts';
import { ProxyServer, type ProxySpec, type ProxyDeps } from './proxy.ts';
import {
  badInput,
  faultFrom,
  faultsFromVia,
  fieldsOf,
  freeName,
  NAME_PATTERN,
  type NamedFault,
} from './named-fault.ts';
import { parseProxyTarget } from './target.ts';

const FIELDS = ['name', 'listen', 'target', 'via', 'faults', 'enabled'];
/** What other tools call our fields. */
const ALIASES: Record<string, string> = { upstream: 'target', toxics: 'faults' };
/** More than anybody needs, and few enough for one process. */
const MAX_PROXIES = 1000;
const MAX_FAULTS = 100;

/** The parts of a proxy that were given; what was not is left as it is, or at its default. */
export type ProxyInput = Partial<ProxySpec>;

/** Several proxies by name. What changes them happens one after the other, so that two callers never cross. */
export class ProxyCollection {
  readonly clock: Clock;
  readonly journal: Journal;
  #deps: ProxyDeps;
  #proxies = new Map<string, ProxyServer>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(around: ProxyDeps) {
    this.#deps = around;
    this.clock = around.clock;
    this.journal = around.journal;
  }

  get all(): ProxyServer[] {
    return [...this.#proxies.values()];
  }

  /** @throws Failure `not-found` with the nearest name */
  get(name: string): ProxyServer {
    return this.#proxies.get(name) ?? notFound('proxy', name, [...this.#proxies.keys()]);
  }

  /** @throws Failure naming the field */
  create(json: unknown, place = ''): Promise<ProxyServer> {
    return this.#serialise(() => this.#create(readProxy(json, place), place));
  }

  /**
   * Creates or replaces each. One that stands with the same target and port keeps its connections; its faults and
   * whether it is enabled become what is said, if anything is.
   * @throws Failure before anything is changed where the list is wrong; where a port cannot be had, those before it stand
   */
  populate(json: unknown, place: (index: number) => string = (i) => `[${i}].`): Promise<ProxyServer[]> {
    return this.#serialise(async () => {
      if (!Array.isArray(json))
        throw badInput('', 'This is not a list of proxies.', 'Write [{"name": …, "target": …}].');
      const inputs = json.map((item, i) => readProxy(item, place(i)));
      inputs.forEach(({ name, target }, i) => {
        requireName(name, place(i));
        if (inputs.findIndex((other) => other.name === name) < i)
          throw badInput(`${place(i)}name`, `"${name}" stands in the list twice.`, 'Give each a name of its own.');
        if (!target) throw badInput(`${place(i)}target`, 'A proxy needs a target.', 'Write http://127.0.0.1:8080');
      });
      const fresh = inputs.filter(({ name }) => !this.#proxies.has(name!)).length;
      if (this.#proxies.size + fresh > MAX_PROXIES) throw tooMany('proxies', MAX_PROXIES);
      const done: ProxyServer[] = [];
      const born: ProxyServer[] = [];
      try {
        for (const [i, input] of inputs.entries()) {
          const old = this.#proxies.get(input.name!);
          const proxy = old ? await this.#change(old, input, place(i)) : await this.#create(input, place(i));
          if (!old) born.push(proxy);
          done.push(proxy);
        }
      } catch (error) {
        // a port that is taken shows only when it is asked for: what was begun of the list is taken back
        for (const proxy of born) {
          this.#proxies.delete(proxy.name);
          await proxy.close();
        }
        throw error;
      }
      return done;
    });
  }

  /** A changed target or port restarts the proxy and drops its connections. @throws Failure naming the field */
  change(name: string, json: unknown): Promise<ProxyServer> {
    return this.#serialise(() => {
      const proxy = this.get(name);
      const input = readProxy(json, '');
      if (input.name !== undefined && input.name !== name)
        throw badInput('name', 'The name of a proxy cannot change.', 'Delete it and create one.');
      return this.#change(proxy, input, '');
    });
  }

  remove(name: string): Promise<void> {
    return this.#serialise(async () => {
      const proxy = this.get(name);
      this.#proxies.delete(name);
      await proxy.close();
      this.#notice(name, 'deleted', `The proxy ${name} is gone.`);
    });
  }

  /** @param change takes the faults as they are and says what they shall be */
  faults<T>(name: string, change: (faults: readonly NamedFault[]) => { faults: NamedFault[]; result: T }): Promise<T> {
    return this.#serialise(async () => {
      const proxy = this.get(name);
      const { faults, result } = change(proxy.spec.faults);
      if (faults.length > MAX_FAULTS) throw tooMany('faults', MAX_FAULTS);
      await proxy.setFaults(faults);
      return result;
    });
  }

  /** Every proxy enabled and without faults. */
  reset(): Promise<void> {
    return this.#serialise(async () => {
      const done = await Promise.allSettled(
        this.all.map(async (proxy) => {
          await proxy.setFaults([]);
          await withPlace(`${proxy.name}.`, () => proxy.enable(true));
        }),
      );
      // One port that was taken meanwhile keeps no other proxy from its reset.
      const failed = done.find((one) => one.status === 'rejected');
      if (failed) throw failed.reason;
      this.#notice(null, 'reset', 'Every proxy is enabled and has no faults.');
    });
  }

  async close(): Promise<void> {
    await this.#serialise(() => Promise.all(this.all.map((proxy) => proxy.close())));
  }

  async #create(input: ProxyInput, place: string): Promise<ProxyServer> {
    const name = requireName(input.name, place);
    if (!input.target) throw badInput(`${place}target`, 'A proxy needs a target.', 'Write http://127.0.0.1:8080');
    if (this.#proxies.has(name)) {
      throw new Failure({
        code: 'name-taken',
        place: `${place}name`,
        message: `There is a proxy called "${name}" already.`,
        hint: 'Change it, or choose another name.',
        exit: 2,
      });
    }
    if (this.#proxies.size >= MAX_PROXIES) throw tooMany('proxies', MAX_PROXIES);
    const spec: ProxySpec = { name, target: input.target, listen: 0, faults: [], enabled: true, ...defined(input) };
    rejectSelfTarget(spec, place);
    const proxy = await withPlace(place, () => ProxyServer.open(spec, this.#deps));
    this.#proxies.set(name, proxy);
    this.#notice(name, 'created', `${proxy.url} leads to ${spec.target.text}.`);
    return proxy;
  }

  async #change(proxy: ProxyServer, input: ProxyInput, place: string): Promise<ProxyServer> {
    const { name, spec } = proxy;
    const { target = spec.target, listen = 0 } = input;
    const portChanges = listen !== 0 && listen !== proxy.port;
    if (
      !portChanges &&
      target.host === spec.target.host &&
      target.port === spec.target.port &&
      target.scheme === spec.target.scheme
    ) {
      if (input.faults) await proxy.setFaults(input.faults);
      if (input.enabled !== undefined && input.enabled !== spec.enabled) {
        await withPlace(place, () => proxy.enable(input.enabled!));
        this.#notice(
          name,
          input.enabled ? 'enabled' : 'disabled',
          `The proxy ${name} ${input.enabled ? 'listens' : 'refuses'}.`,
        );
      }
      return proxy;
    }
    const next: ProxySpec = { ...spec, ...defined(input), name, target, listen: portChanges ? listen : proxy.port };
    rejectSelfTarget(next, place);
    if (portChanges) {
      // The new port first: where it cannot be had, the old one stands.
      const moved = await withPlace(place, () => ProxyServer.open(next, this.#deps));
      this.#proxies.set(name, moved);
      await proxy.close();
    } else {
      await proxy.close();
      this.#proxies.delete(name);
      this.#proxies.set(name, await withPlace(place, () => ProxyServer.open(next, this.#deps)));
    }
    const changed = this.get(name);
    this.#notice(name, 'changed', `${changed.url} leads to ${target.text} now.`);
    return changed;
  }

  #notice(lane: string | null, code: string, message: string): void {
    this.journal.note(lane, { type: 'notice', level: 'info', code: `proxy-${code}`, message });
  }

  #serialise<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

/** What was given of a proxy, checked. @throws Failure naming the field and the nearest name */
function readProxy(json: unknown, place: string): ProxyInput {
  const given = fieldsOf(json, place, FIELDS, ALIASES);
  const { name, listen, via, faults, enabled } = given;
  let { target } = given;
  // Under that name it is host:port elsewhere.
  if (typeof target === 'string' && Object.hasOwn(json as object, 'upstream') && !target.includes('://'))
    target = `tcp://${target}`;
  if (name !== undefined && (typeof name !== 'string' || !NAME_PATTERN.test(name)))
    throw badInput(
      `${place}name`,
      `${JSON.stringify(name)} is not a name.`,
      'Use letters, digits, and . _ - (at most 64).',
    );
  if (target !== undefined && typeof target !== 'string')
    throw badInput(`${place}target`, `${JSON.stringify(target)} is not a URL.`, 'Write http://127.0.0.1:8080');
  if (enabled !== undefined && typeof enabled !== 'boolean')
    throw badInput(`${place}enabled`, `${JSON.stringify(enabled)} will not do.`, 'Write true or false.');
  return {
    ...(name === undefined ? {} : { name }),
    ...(listen === undefined ? {} : { listen: readListen(listen, `${place}listen`) }),
    ...(target === undefined ? {} : { target: parseProxyTarget(target, `${place}target`) }),
    ...(via === undefined && faults === undefined ? {} : { faults: readFaults(via, faults, place) }),
    ...(enabled === undefined ? {} : { enabled }),
  };
}

function readFaults(via: unknown, list: unknown, place: string): NamedFault[] {
  const texts = typeof via === 'string' ? [via] : (via ?? []);
  if (!Array.isArray(texts) || texts.some((text) => typeof text !== 'string'))
    throw badInput(`${place}via`, 'This is no path.', 'Write ["latency:delay=100ms", "idle-timeout:after=60s"].');
  if (list !== undefined && !Array.isArray(list))
    throw badInput(`${place}faults`, 'This is not a list of faults.', 'Write [{"type": "latency"}].');
  const faults = texts.flatMap((text: string, i) => faultsFromVia([text], `${place}via[${i}]`));
  const fromList = ((list ?? []) as unknown[]).map((item, i) => faultFrom(item, `${place}faults[${i}].`));
  const all: NamedFault[] = [];
  for (const fault of faults) all.push({ ...fault, name: freeName(fault.name, all) });
  for (const [i, fault] of fromList.entries()) {
    if (all.some((f) => f.name === fault.name)) throw faultTaken(fault.name, `${place}faults[${i}].name`);
    all.push(fault);
  }
  if (all.length > MAX_FAULTS) throw tooMany('faults', MAX_FAULTS);
  return all;
}

/** A whole list of faults: texts as after --via, and objects, in any order. @throws Failure naming the item */
export function readFaultList(json: unknown): NamedFault[] {
  if (!Array.isArray(json)) throw badInput('body', 'This is not a list of faults.', 'Write [{"type": "latency"}].');
  const all: NamedFault[] = [];
  json.forEach((item: unknown, i) => {
    const place = `[${i}]`;
    const fresh = typeof item === 'string' ? faultsFromVia([item], place) : [faultFrom(item, `${place}.`)];
    for (const fault of fresh) {
      if (typeof item !== 'string' && all.some((f) => f.name === fault.name))
        throw faultTaken(fault.name, `${place}.name`);
      all.push({ ...fault, name: freeName(fault.name, all) });
    }
  });
  return all;
}

/** A port, or an address of this machine's own with one. */
function readListen(listen: unknown, place: string): number {
  const text = String(listen);
  const m = /^(?:(.*):)?(\d{1,5})$/.exec(text);
  if (!m || Number(m[2]) > 65_535)
    throw badInput(place, `${JSON.stringify(listen)} is not a port.`, 'Write 0 (any free one) to 65535.');
  if (m[1] !== undefined && m[1] !== '127.0.0.1' && m[1] !== 'localhost')
    throw badInput(
      place,
      `A proxy does not listen on ${m[1]}: it is for this machine alone.`,
      `Write ${m[2]}, or 127.0.0.1:${m[2]}.`,
    );
  return Number(m[2]);
}

export const faultTaken = (name: string, place: string): Failure =>
  new Failure({
    code: 'name-taken',
    place,
    message: `There is a fault called "${name}" on this proxy already.`,
    hint: 'Change that one, or give this one another name.',
    exit: 2,
  });

export function notFound(what: string, name: string, names: readonly string[]): never {
  const near = nearest(name, names);
  throw new Failure({
    code: 'not-found',
    place: name,
    message: `There is no ${what} called "${name}".`,
    hint: near
      ? `Did you mean ${near}?`
      : names.length > 0
        ? `There is ${names.slice(0, 10).join(', ')}.`
        : 'There is none yet.',
  });
}

/** One connection would become as many as the machine can take. */
function rejectSelfTarget({ listen, target }: ProxySpec, place: string): void {
  if (target.port !== listen || !/^(localhost|127\.\d+\.\d+\.\d+|\[::ffff:7f.*\])$/i.test(target.host)) return;
  throw badInput(
    `${place}target`,
    'The proxy would forward to itself.',
    'Name the port of the server, or another to listen on.',
  );
}

function requireName(name: string | undefined, place: string): string {
  if (name === undefined)
    throw badInput(`${place}name`, 'A proxy needs a name.', 'Write {"name": "api", "target": …}.');
  return name;
}

const tooMany = (what: string, most: number): Failure =>
  new Failure({
    code: 'too-many',
    place: what,
    message: `No more than ${most} ${what}.`,
    hint: 'Remove some first.',
    exit: 2,
  });

/** Puts the list's own place before that of the failure. */
async function withPlace<T>(place: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const data = failureData(error);
    throw data.place === undefined || place === '' ? error : new Failure({ ...data, place: `${place}${data.place}` });
  }
}

const defined = (input: ProxyInput): ProxyInput =>
  Object.fromEntries(Object.entries<unknown>(input).filter(([, value]) => value !== undefined));
