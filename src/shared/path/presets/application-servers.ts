import type { PresetInfo } from './preset.ts';

/** Servers that run an application and have limits of their own, as though they stood before the one that answers. */
export const APPLICATION_SERVERS: readonly PresetInfo[] = [
  {
    id: 'gunicorn',
    label: 'gunicorn, one sync worker',
    group: 'Application servers',
    what: 'One request at a time: a stream keeps all others waiting, and after 30 s its worker is killed, events or not. No WebSocket, no keep-alive.',
    kind: 'documented',
    source:
      'https://docs.gunicorn.org/en/stable/settings.html#timeout (that the killed worker’s connection ends with FIN is assumed; RST was reported too)',
    via: 'collapse:how=serialise,of=any+http-proxy+http-lifetime:poll=fin+upgrade+keep-alive:idle=0s',
  },
  {
    id: 'uvicorn',
    label: 'uvicorn',
    group: 'Application servers',
    what: 'A WebSocket is pinged every 20 s, and closed with 1011 when no pong comes within 20 s more. Streams and polls may be silent; a client idle for 5 s has to reconnect.',
    kind: 'documented',
    source:
      'https://github.com/encode/uvicorn/blob/master/docs/settings.md (ws-ping-interval, ws-ping-timeout, timeout-keep-alive; 1011: https://github.com/Kludex/uvicorn/issues/1609)',
    via: 'http-proxy+ws-ping+keep-alive:idle=5s',
  },
  {
    id: 'cowboy',
    label: 'Cowboy and Phoenix',
    group: 'Application servers',
    what: 'After 60 s without a byte of the client the connection is closed, whatever is sent to it: heartbeats save no stream. Polls get no answer.',
    kind: 'documented',
    source:
      'https://ninenines.eu/docs/en/cowboy/2.13/manual/cowboy_http/ (idle_timeout; of Phoenix’s WebSocket: https://hexdocs.pm/phoenix/Phoenix.Endpoint.html#socket/3; that a WebSocket gets close 1000 is from memory)',
    via: 'http-proxy+http-idle-timeout:resets=client,poll=fin,ws=close-1000',
  },
  {
    id: 'reactor-netty',
    label: 'Reactor Netty and Spring WebFlux',
    group: 'Application servers',
    what: 'No idle limit on streams, polls, WebSockets and idle connections, unless idleTimeout is set.',
    kind: 'documented',
    source: 'https://github.com/reactor/reactor-netty/blob/main/docs/asciidoc/http-server.adoc',
    via: 'http-proxy:pages=empty',
  },
];
