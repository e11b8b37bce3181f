import type { Clock } from '../../shared/clock.ts';
import { Failure } from '../../shared/failure.ts';
import type { Journal } from '../journal/journal.ts';
import { notFound, tooMany, withPlace } from './failures.ts';
import { badInput } from './json-fields.ts';
import type { NamedFault } from './named-fault.ts';
import { ProxyServer, type ProxySpec, type ProxyDeps } from './proxy.ts';
import { MAX_FAULTS, readProxy, rejectSelfTarget, requireName, type ProxyInput } from './proxy-input.ts';

/** More than anybody needs, and few enough for one process. */
const MAX_PROXIES = 1000;

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

const defined = (input: ProxyInput): ProxyInput =>
  Object.fromEntries(Object.entries<unknown>(input).filter(([, value]) => value !== undefined));
