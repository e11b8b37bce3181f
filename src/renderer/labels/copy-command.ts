/** What a lane asked, as a command that asks it again: `curl`, or `websocat` for a WebSocket. */
import type { Method } from '../../shared/catalog.ts';
import type { Observation } from '../../shared/observation.ts';

/** Fields that the tool says itself, or that belong to one connection. */
const LEFT_OUT =
  /^(host|connection|upgrade|content-length|transfer-encoding|te|keep-alive|sec-websocket-(key|version|extensions))$/i;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * @param url what the lane follows
 * @param wire what stood on the wire, oldest first
 * @param before the number of the observation up to which it is looked at
 */
export function askCommand(
  method: Method,
  url: string,
  wire: readonly Observation[],
  lane: string,
  before: number,
): string {
  const request = wire.findLast(
    (o) => o.type === 'wire' && o.lane === lane && o.n <= before && o.what === 'request' && o.dir === 'out',
  );
  const head = request?.type === 'wire' ? readHead(request.text) : null;
  const target = head ? new URL(head.target, httpOf(url)).href : url;
  const fields = head?.fields.filter(([name]) => !LEFT_OUT.test(name)) ?? [];
  const note = [target, ...fields.map(([, value]) => value)].some((text) => text.includes('‹redacted›'))
    ? '# ‹redacted› stands for a secret that is not kept: put it back first\n'
    : '';
  if (method === 'websocket') {
    const args = fields.map(([name, value]) => ` -H=${quoted(`${name}: ${value}`)}`);
    return `${note}websocat${args.join('')} ${quoted(target.replace(/^http/, 'ws'))}`;
  }
  const compressed = fields.some(([name]) => /^accept-encoding$/i.test(name)) ? ' --compressed' : '';
  const args = fields
    .filter(([name]) => !/^accept-encoding$/i.test(name))
    .map(([name, value]) => ` \\\n  -H ${quoted(`${name}: ${value}`)}`);
  const verb = head && head.method !== 'GET' ? ` -X ${head.method}` : '';
  return `${note}curl -sS -N${compressed}${verb} ${quoted(target)}${args.join('')}`;
}

const httpOf = (url: string): string => url.replace(/^ws/, 'http');

function readHead(text: string): { method: string; target: string; fields: [string, string][] } | null {
  const [first = '', ...lines] = text.split(/\r?\n/);
  const m = /^([A-Z]+) (\S+)(?: HTTP\/[\d.]+)?$/.exec(first.trim());
  if (!m) return null;
  const fields = lines.flatMap((line): [string, string][] => {
    const at = line.indexOf(':');
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  });
  return { method: m[1]!, target: m[2]!, fields };
}
