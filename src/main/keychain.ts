import { safeStorage } from 'electron';
import type { Keychain } from '../engine/secrets/openers.ts';

/* eslint-disable @typescript-eslint/no-deprecated -- Electron 33, which the shell runs on too, has no asynchronous ones */

/** The system's keychain. On Linux without a keyring Electron offers `basic_text`, which hides nothing: it counts as none. */
export const keychain: Keychain = {
  kind: () => {
    if (!safeStorage.isEncryptionAvailable()) return 'none';
    if (process.platform !== 'linux') return 'keychain';
    return safeStorage.getSelectedStorageBackend() === 'basic_text' ? 'basic' : 'keychain';
  },
  wrap: (text) => safeStorage.encryptString(text),
  unwrap: (data) => safeStorage.decryptString(data),
};
