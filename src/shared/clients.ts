/** Clients that people use, with the limits that end or bring back their connections, each from its own source. */
import type { Method } from './catalog.ts';
import type { LaneClient } from './run-config.ts';

interface ClientDefinition {
  label: string;
  methods: readonly Method[];
  /** What it does by itself, in a sentence. */
  what: string;
  /** Where that is written. */
  source: string;
  settings: LaneClient;
}

const CLIENTS = {
  eventsource: {
    label: 'Browser EventSource',
    methods: ['sse'],
    what: 'Has no limit of silence; is over for good after any status but 200, and after 204.',
    source: 'https://html.spec.whatwg.org/multipage/server-sent-events.html#processing-model',
    settings: { retry: 'eventsource', deadAfter: 'off' },
  },
  'undici-fetch': {
    label: 'fetch of Node (undici)',
    methods: ['sse'],
    what: 'Gives a body up after 300 s without a byte (bodyTimeout).',
    source: 'https://github.com/nodejs/undici/blob/main/docs/docs/api/Client.md',
    settings: { deadAfter: 300_000 },
  },
  yaffle: {
    label: 'Yaffle’s EventSource polyfill',
    methods: ['sse'],
    what: 'Reconnects after 45 s without a byte (heartbeatTimeout).',
    source: 'https://github.com/Yaffle/EventSource#readme',
    settings: { deadAfter: 45_000, retry: 'eventsource' },
  },
  signalr: {
    label: 'SignalR’s JavaScript client',
    methods: ['websocket'],
    what: 'Gives the server up after 30 s without a message (serverTimeoutInMilliseconds); pings every 15 s.',
    source: 'https://learn.microsoft.com/aspnet/core/signalr/configuration#configure-additional-options',
    settings: { deadAfter: 30_000 },
  },
  actioncable: {
    label: 'Action Cable’s JavaScript client',
    methods: ['websocket'],
    what: 'Takes a connection for stale after 6 s without a ping; the server sends one every 3 s.',
    source: 'https://github.com/rails/rails/blob/main/actioncable/app/javascript/action_cable/connection_monitor.js',
    settings: { deadAfter: 6000 },
  },
  'socket.io': {
    label: 'Socket.IO’s client',
    methods: ['websocket'],
    what: 'Closes 45 s after the server’s last ping (pingInterval 25 s and pingTimeout 20 s).',
    source: 'https://socket.io/docs/v4/how-it-works/#disconnection-detection',
    settings: { deadAfter: 45_000 },
  },
} as const satisfies Record<string, ClientDefinition>;

export type ClientName = keyof typeof CLIENTS;
// cast: keys are those of the table
export const CLIENT_NAMES = Object.keys(CLIENTS) as ClientName[];

/** A lane's settings with those of a named client under them: what is said of the lane itself counts. */
export const withClient = (name: ClientName, own: LaneClient): LaneClient => ({ ...CLIENTS[name].settings, ...own });

/** Its definition: what it does, and where that is written. */
export const clientNamed = (name: ClientName): ClientDefinition => CLIENTS[name];
