import type { EngineApi } from '../../../src/shared/api.ts';
import type { EndpointBook } from '../../../src/shared/book/book.ts';
import type { Sample } from '../../../src/shared/sample.ts';
import type { RemoteTarget } from '../../../src/shared/target.ts';

type EndpointCalls = Pick<
  EngineApi,
  | 'endpointBook' | 'keepEndpoint' | 'arrangeEndpoints' | 'setEnvironments' | 'importEndpoints' | 'exportEndpoints' | 'setSecret'
  | 'unlockSecrets' | 'addPassphrase' | 'confirmCommand' | 'listenTo' | 'sampleProgress' | 'stopListening'
>; // prettier-ignore

const target = (name: string, urls: RemoteTarget['urls'], more: Partial<RemoteTarget> = {}): RemoteTarget => ({
  kind: 'remote', name, base: null, urls, channel: 'demo', headers: {}, dialect: 'plain', ...more,
}); // prettier-ignore

/** Endpoints in memory, as a page sees them. */
export function demoEndpoints(book: EndpointBook = demoBook()): EndpointCalls & { book: EndpointBook } {
  const heard: Sample = {
    id: 'sample-1', method: 'sse', version: 1, state: 'open', since: 0, now: 0, said: [], messages: [], count: 0, done: false,
  }; // prettier-ignore
  return {
    book,
    endpointBook: async () => structuredClone(book),
    keepEndpoint: async ({ target: kept, folder, before = kept.name }) => {
      const at = book.endpoints.findIndex((one) => one.target.name === before);
      const old = book.endpoints[at];
      const saved = { target: kept, folder: folder === undefined ? (old?.folder ?? null) : folder, missing: [] };
      book.endpoints.splice(at < 0 ? book.endpoints.length : at, at < 0 ? 0 : 1, saved);
      return kept;
    },
    arrangeEndpoints: async ({ order }) => {
      book.endpoints = order.flatMap(({ name, folder }) => {
        const saved = book.endpoints.find((one) => one.target.name === name);
        return saved ? [{ ...saved, folder }] : [];
      });
    },
    setEnvironments: async ({ environments, environment }) => void Object.assign(book, { environments, environment }),
    importEndpoints: async () => ({ names: [] }),
    exportEndpoints: async () => ({ text: 'version: 1\nendpoints: []\n' }),
    setSecret: async () => {},
    unlockSecrets: async () => {},
    addPassphrase: async () => {},
    confirmCommand: async () => ({ confirmed: true }),
    listenTo: async () => heard,
    sampleProgress: () => new Promise(() => {}),
    stopListening: async () => {},
  };
}

export const demoBook = (): EndpointBook => ({
  endpoints: [
    {
      target: target('Orders feed', { sse: 'https://{var.host}/orders/stream' }, { auth: { type: 'bearer', token: '{secret.orders.token}' } }),
      folder: 'Storefront',
      missing: [],
    },
    { target: target('Cart presence', { websocket: 'wss://rt.example/presence' }), folder: 'Storefront', missing: [] },
    { target: target('Build log', { sse: 'https://staging.example/log' }), folder: null, missing: [] },
  ],
  environments: [{ name: 'production', vars: { host: 'api.shop.example' } }],
  environment: 'production',
  secrets: { state: 'open', keys: ['os'], names: ['orders.token'], text: 'Encrypted; the system’s keychain opens them.', weak: false },
  problems: [],
  file: '/data/endpoints.yaml',
  confirms: false,
}); // prettier-ignore
