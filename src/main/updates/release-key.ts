/**
 * The public half of the key that signs what is released: ed25519, 32 bytes, base64. The other half is a secret of the
 * release workflow. `npm run package -- key` makes a pair; docs/packaging.md says how one is replaced.
 */
export const RELEASE_KEY = '9daZrDlEW8m8Ayx1w3q7pRFOkNSB7Tj5VEb95QePwy4=';
