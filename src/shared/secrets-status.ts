/** How the secrets of saved endpoints are kept, as a page or a terminal may show it: never a value. */

/** What can open the store. Each that is set up does. */
export const SECRET_KEYS = ['os', 'env', 'key-file', 'passphrase'] as const;
export type SecretKeyKind = (typeof SECRET_KEYS)[number];

export const SECRET_KEY_LABEL: Record<SecretKeyKind, string> = {
  os: 'the system’s keychain',
  env: 'HEARTLINE_KEY',
  'key-file': 'a key file',
  passphrase: 'a passphrase',
};

export interface SecretsStatus {
  /** `memory`: nothing is kept anywhere; `empty`: there is no store yet. */
  state: 'memory' | 'empty' | 'open' | 'locked' | 'broken';
  /** What opens the store that is there. */
  keys: SecretKeyKind[];
  /** What is kept, by name; empty while locked. */
  names: string[];
  /** In a sentence: how they are kept, or why they cannot be read. */
  text: string;
  /** The way out, or what would keep them better. */
  hint?: string;
  /** Whoever can read this account's files can read them: no keychain, passphrase or key from elsewhere. */
  weak: boolean;
}
