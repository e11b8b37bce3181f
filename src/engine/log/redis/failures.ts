import { Failure, codeOf, messageOf } from '../../../shared/failure.ts';

/** What Redis answered or the connection died of, as something a person can act on. `shown` is its address. */
export function redisFailure(thrown: unknown, shown: string): Failure {
  if (thrown instanceof Failure) return thrown;
  const text = messageOf(thrown);
  const [code, message, hint] = sentence(text, codeOf(thrown) ?? '', shown);
  return new Failure({ code, place: '--log', message, hint, exit: 3 });
}

/** Codes of failures after which the log may be there again in a moment. */
export const isPassing = (failure: Failure): boolean =>
  ['log-unreachable', 'log-slow', 'log-read-only', 'log-loading'].includes(failure.code);

function sentence(text: string, code: string, shown: string): [code: string, message: string, hint: string] {
  const said = /^[A-Z]+(?= |$)/.exec(text)?.[0] ?? '';
  switch (said) {
    case 'NOAUTH':
      return [
        'log-auth',
        `The Redis at ${shown} asks for a password.`,
        'Write redis://:PASSWORD@host:port, and keep it out of the process list with --log env:NAME or --log @FILE.',
      ];
    case 'WRONGPASS':
      return [
        'log-auth',
        `The Redis at ${shown} refuses this user or password.`,
        'Check both; characters such as / and @ in them are written %2F and %40.',
      ];
    case 'NOPERM':
      return [
        'log-auth',
        `The Redis at ${shown} does not let this user do what a log takes: ${text.slice(7)}.`,
        'Allow it +@read +@write +@scripting +@pubsub +@connection +info on the prefix and its Pub/Sub channels.',
      ];
    case 'OOM':
      return [
        'log-full',
        `The Redis at ${shown} is full: the event was not taken.`,
        'Raise its maxmemory, or keep fewer events (--retain); then publish again.',
      ];
    case 'READONLY':
      return [
        'log-read-only',
        `The Redis at ${shown} is a replica, which takes no events.`,
        'Name the master; after a fail-over the address must lead to the promoted one.',
      ];
    case 'MISCONF':
      return [
        'log-failed',
        `The Redis at ${shown} cannot write to its disk and takes no events.`,
        'Make room for it, or mend its save and appendonly settings.',
      ];
    case 'NOREPLICAS':
      return [
        'log-failed',
        `The Redis at ${shown} has too few replicas and takes no events.`,
        'Bring them back, or lower its min-replicas-to-write.',
      ];
    case 'LOADING':
    case 'MASTERDOWN':
    case 'BUSY':
      return ['log-loading', `The Redis at ${shown} is not ready yet (${said}).`, 'Try again in a moment.'];
    case 'WRONGTYPE':
      return [
        'bad-log',
        `The prefix is used for something else in the Redis at ${shown}.`,
        'Choose another: redis://…?prefix=NAME.',
      ];
    case 'MOVED':
    case 'CROSSSLOT':
    case 'CLUSTERDOWN':
      return [
        'bad-log',
        `The Redis at ${shown} is one of a cluster.`,
        'A log lives in one Redis: name one that is not in cluster mode.',
      ];
  }
  if (/DB index is out of range/i.test(text)) {
    return ['bad-log', `The Redis at ${shown} has no database of that number.`, 'Leave the number out, or lower it.'];
  }
  if (/unknown command|unknown subcommand/i.test(text)) {
    return [
      'bad-log',
      `What answers at ${shown} is no Redis that can hold a log: ${text.slice(0, 120)}.`,
      'Name a Redis server from 6.0 on, not a Sentinel or a proxy that knows fewer commands.',
    ];
  }
  if (/Protocol error|Unknown RESP|protocol|Cannot parse|Got .* as/i.test(text)) {
    return ['bad-log', `What answers at ${shown} does not speak Redis.`, 'Check the host and the port.'];
  }
  if (/ssl|tls|certificate|EPROTO/i.test(`${code} ${text}`)) {
    return [
      'bad-log',
      `No TLS with the Redis at ${shown}: ${text}.`,
      'Write rediss:// only where it speaks TLS, redis:// where it does not; its certificate must be trusted (NODE_EXTRA_CA_CERTS).',
    ];
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return ['log-unreachable', `The host of the Redis at ${shown} is not known.`, 'Check its name.'];
  }
  if (/timeout/i.test(text) || code === 'ETIMEDOUT') {
    return ['log-slow', `The Redis at ${shown} does not answer.`, 'Check that it runs and that nothing is in the way.'];
  }
  if (/^(ERR|WRONG|NO)/.test(text)) {
    return ['log-failed', `The Redis at ${shown} refuses: ${text.slice(0, 200)}.`, 'See its own log.'];
  }
  const why = code === 'ECONNREFUSED' ? 'nothing listens there' : text;
  return [
    'log-unreachable',
    `The Redis at ${shown} cannot be reached: ${why}.`,
    'Start it, or name another with --log; --log memory needs none.',
  ];
}
