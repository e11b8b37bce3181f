import { isAbsolute, win32 } from 'node:path';
import { Failure } from '../shared/failure.ts';

/** Something to look at that came from outside: a link or a file. Nothing in it is ever run. */
export type OpenRequest =
  | { kind: 'endpoint'; url: string; name: string; dialect: string; channel: string }
  | { kind: 'scenario'; text: string }
  | { kind: 'recording'; file: string };

export const LINK_SCHEME = 'heartline';
/** Longer ones are cut by browsers and desktops on the way. */
const MAX_LINK = 64 * 1024;
const PARAMETERS = {
  endpoint: { needed: 'url', known: ['url', 'name', 'dialect', 'channel'] },
  scenario: { needed: 'text', known: ['text'] },
  recording: { needed: 'file', known: ['file'] },
} as const;
const FORMS = `${LINK_SCHEME}://endpoint?url=…, ${LINK_SCHEME}://scenario?text=… and ${LINK_SCHEME}://recording?file=…`;

/** Whether an argument is for us to open, and not a switch's value or the app's own folder. */
export const isOpenable = (argument: string): boolean =>
  argument.toLowerCase().startsWith(`${LINK_SCHEME}:`) || /\.heartline(\.gz)?$/i.test(argument);

/** @param given a `heartline://` link, or a recording's file. @throws Failure `bad-link` */
export function readOpenRequest(given: string): OpenRequest {
  return given.toLowerCase().startsWith(`${LINK_SCHEME}:`) ? readLink(given) : { kind: 'recording', file: given };
}

function readLink(link: string): OpenRequest {
  if (link.length > MAX_LINK) throw badLink('link', `It has ${link.length} characters, and may have ${MAX_LINK}.`);
  let url: URL;
  try {
    url = new URL(link);
  } catch {
    throw badLink('link', 'It is not a URL.');
  }
  const kind = url.host;
  if (kind !== 'endpoint' && kind !== 'scenario' && kind !== 'recording')
    throw badLink('link', `“${kind}” cannot be opened.`);
  const { needed, known } = PARAMETERS[kind];
  for (const key of url.searchParams.keys()) {
    if (!known.some((name) => name === key)) throw badLink(key, `A link to a ${kind} has no such part.`);
    if (url.searchParams.getAll(key).length > 1) throw badLink(key, 'It is given twice.');
  }
  const part = (key: string): string => url.searchParams.get(key)?.trim() ?? '';
  if (part(needed) === '') throw badLink(needed, `A link to a ${kind} needs it.`);
  switch (kind) {
    case 'endpoint':
      return { kind, url: webUrl(part('url')), name: part('name'), dialect: part('dialect'), channel: part('channel') };
    case 'scenario':
      return { kind, text: url.searchParams.get('text')! };
    case 'recording':
      return { kind, file: localFile(part('file')) };
  }
}

function webUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw badLink('url', `${JSON.stringify(text)} is not a URL.`);
  }
  if (!['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol))
    throw badLink('url', `${url.protocol} is not followed; http, https, ws and wss are.`);
  if (url.username !== '' || url.password !== '') throw badLink('url', 'A link carries no user name and no password.');
  return url.href;
}

/** A file of this machine: to look at another one's would tell it who we are. */
function localFile(path: string): string {
  if (!isAbsolute(path) || path.startsWith('//') || win32.parse(path).root.startsWith('\\\\'))
    throw badLink('file', `${JSON.stringify(path)} is not the whole path of a file of this machine.`);
  if (!isOpenable(path) || path.includes('://'))
    throw badLink('file', 'Its name must end in .heartline or .heartline.gz.');
  return path;
}

const badLink = (place: string, message: string): Failure =>
  new Failure({ code: 'bad-link', place, message, hint: `Links are ${FORMS}.` });
