/** What is kept of endpoints, as a page and a terminal see it: never a secret. */
import type { SecretsStatus } from '../secrets-status.ts';
import type { RemoteTarget } from '../target.ts';

/** Values of `{var.NAME}` under one name: `staging`, `production`. */
export interface Environment {
  name: string;
  vars: Record<string, string>;
}

export interface SavedEndpoint {
  target: RemoteTarget;
  /** Null: in none. */
  folder: string | null;
  /** Secrets that it names and that are not kept: someone has to give them. */
  missing: string[];
  /** Its token command is run only once it has been confirmed; absent where it has none. */
  command?: 'confirmed' | 'inert';
}

export interface EndpointBook {
  /** In the order in which they are shown, folder by folder as they come. */
  endpoints: SavedEndpoint[];
  environments: Environment[];
  /** The chosen one's name; null: none. */
  environment: string | null;
  secrets: SecretsStatus;
  /** What could not be read, each with its file and line. */
  problems: { message: string; hint?: string }[];
  /** Null where nothing is kept. */
  file: string | null;
  /** Whether this host can ask its person to confirm a command. */
  confirms: boolean;
}
