/** Proxies and lists of faults as they come in JSON, checked. */
import { fieldOf } from '../../shared/guards.ts';
import { faultTaken, tooMany } from './failures.ts';
import { badInput, fieldsOf } from './json-fields.ts';
import { faultFrom, faultsFromVia, freeName, NAME_PATTERN, type NamedFault } from './named-fault.ts';
import type { ProxySpec } from './proxy.ts';
import { parseProxyTarget } from './target.ts';

const FIELDS = ['name', 'listen', 'target', 'via', 'faults', 'enabled'];
/** What other tools call our fields. */
const ALIASES: Record<string, string> = { upstream: 'target', toxics: 'faults' };
/** More than anybody needs. */
export const MAX_FAULTS = 100;

/** The parts of a proxy that were given; what was not is left as it is, or at its default. */
export type ProxyInput = Partial<ProxySpec>;

/** What was given of a proxy, checked. @throws Failure naming the field and the nearest name */
export function readProxy(json: unknown, place: string): ProxyInput {
  const given = fieldsOf(json, place, FIELDS, ALIASES);
  const { name, listen, via, faults, enabled } = given;
  let { target } = given;
  // Under that name it is host:port elsewhere.
  if (typeof target === 'string' && fieldOf(json, 'upstream') !== undefined && !target.includes('://'))
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
  const objects: unknown[] = list ?? [];
  const fromList = objects.map((item, i) => faultFrom(item, `${place}faults[${i}].`));
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

export function requireName(name: string | undefined, place: string): string {
  if (name === undefined)
    throw badInput(`${place}name`, 'A proxy needs a name.', 'Write {"name": "api", "target": …}.');
  return name;
}

/** One connection would become as many as the machine can take. */
export function rejectSelfTarget({ listen, target }: ProxySpec, place: string): void {
  if (target.port !== listen || !/^(localhost|127\.\d+\.\d+\.\d+|\[::ffff:7f.*\])$/i.test(target.host)) return;
  throw badInput(
    `${place}target`,
    'The proxy would forward to itself.',
    'Name the port of the server, or another to listen on.',
  );
}
