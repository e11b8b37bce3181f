import { METHOD_LABEL, type Method } from '../catalog.ts';
import { describePath } from './describe.ts';
import { explainPath } from './explain.ts';
import { stepsOf, type PathSpec } from './spec.ts';

/** What a lane that could not open is told of its own path; null where the path lets the method through. */
export function blockedSentence(path: PathSpec, method: Method): string | null {
  const { fate, end, cures } = explainPath(stepsOf(path), method);
  if (fate !== 'blocked') return null;
  const what =
    method === 'websocket' && end?.sees === null
      ? 'takes the Upgrade out of the request, so that the server sees a plain GET'
      : `lets no ${METHOD_LABEL[method]} through`;
  const another = cures.find((cure) => cure.by === 'another-method');
  const use = another?.method ? METHOD_LABEL[another.method] : 'another method';
  const pass = method === 'websocket' ? ', or have the proxy pass Upgrade and Connection on' : '';
  return `The path of this lane (${describePath(path).label}) ${what}: use ${use}${pass}.`;
}
