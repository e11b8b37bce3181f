/** What is wrong with a request before it is sent. */
import type { FieldProblem } from '../field-problem.ts';
import type { TargetRequest } from './remote-target.ts';

/** RFC 9110 token: what a method or a field name may be made of. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Fields that belong to the connection: the client writes them itself. */
const CLIENT_HEADERS = new Set([
  'host',
  'connection',
  'upgrade',
  'content-length',
  'transfer-encoding',
  'sec-websocket-key',
]);

/** Methods that are no request for a stream: a tunnel, or an answer without a body. */
const NO_STREAM = ['CONNECT', 'HEAD', 'TRACE'];

/** A template may stand for a number or a whole value: whether the text is JSON shows when it is filled in. */
const TEMPLATE = /\{(token|cursor\??|epoch\??|channel|(var|secret)\.[\w.-]+)\}/;

/** @param field where the request stands: empty for the target itself, `methods.sse.` … */
export function requestProblems(
  field: string,
  request: TargetRequest,
  headers: Record<string, string>,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { httpMethod, body, subprotocols = [], open = [] } = request;
  if (httpMethod !== undefined && (!TOKEN.test(httpMethod) || NO_STREAM.includes(httpMethod.toUpperCase()))) {
    const message = `"${httpMethod}" is no method to ask for events by.`;
    problems.push({ field: `${field}httpMethod`, message, hint: 'Write GET, POST, PUT, PATCH, REPORT or QUERY.' });
  }
  const type = Object.entries({ ...headers, ...request.headers }).find(([k]) => k.toLowerCase() === 'content-type');
  if (body !== undefined && type && /[/+]json\b/i.test(type[1]) && !TEMPLATE.test(body)) {
    const why = notJson(body);
    if (why !== null) {
      const message = `The body is not JSON, which Content-Type claims: ${why}.`;
      problems.push({ field: `${field}body`, message, hint: 'Mend it, or send another Content-Type.' });
    }
  }
  for (const name of subprotocols) {
    if (TOKEN.test(name) || TEMPLATE.test(name)) continue;
    const message = `"${name}" is not the name of a subprotocol.`;
    problems.push({ field: `${field}subprotocols`, message, hint: 'Use letters, digits, dots and dashes.' });
  }
  if (open.some((text) => text === '')) {
    problems.push({ field: `${field}open`, message: 'An opening message is empty.', hint: 'Leave it out.' });
  }
  if (field !== '' && request.headers) problems.push(...headerProblems(`${field}headers`, request.headers));
  return problems;
}

export function headerProblems(field: string, headers: Record<string, string>): FieldProblem[] {
  return Object.entries(headers).flatMap(([name, value]): FieldProblem[] => {
    const at = `${field}.${name}`;
    const problems: FieldProblem[] = [];
    if (!TOKEN.test(name)) {
      problems.push({ field: at, message: `"${name}" is not a header name.`, hint: 'Write one as "Name: value".' });
    } else if (CLIENT_HEADERS.has(name.toLowerCase())) {
      problems.push({ field: at, message: `${name} is written by the client itself.`, hint: 'Leave it out.' });
    }
    // eslint-disable-next-line no-control-regex -- that is what is looked for
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) {
      problems.push({ field: at, message: `The value of ${name} has a control character.`, hint: 'Take it out.' });
    }
    return problems;
  });
}

/** Why a text is no JSON, in the parser's words; null: it is. */
function notJson(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    // without the text itself, which may hold a secret
    const said = error instanceof Error ? error.message : String(error);
    return /at position \d+( \(line \d+ column \d+\))?/.exec(said)?.[0] ?? 'it ends too early';
  }
}
