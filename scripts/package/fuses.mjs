// @ts-check
// The doors of a packaged Electron, as electron-builder.yml says (its `electronFuses`): set here for the packages that
// are made without electron-builder, and read back from any binary.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flipFuses, FuseState, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { parse } from 'yaml';

/** electron-builder's names of the fuses. */
const NAMES = {
  runAsNode: FuseV1Options.RunAsNode,
  enableCookieEncryption: FuseV1Options.EnableCookieEncryption,
  enableNodeOptionsEnvironmentVariable: FuseV1Options.EnableNodeOptionsEnvironmentVariable,
  enableNodeCliInspectArguments: FuseV1Options.EnableNodeCliInspectArguments,
  enableEmbeddedAsarIntegrityValidation: FuseV1Options.EnableEmbeddedAsarIntegrityValidation,
  onlyLoadAppFromAsar: FuseV1Options.OnlyLoadAppFromAsar,
  grantFileProtocolExtraPrivileges: FuseV1Options.GrantFileProtocolExtraPrivileges,
};
/** @typedef {Record<keyof typeof NAMES, boolean>} Fuses */
const names = /** @type {(keyof typeof NAMES)[]} */ (Object.keys(NAMES));

/** @param {string} root @returns {Fuses} */
export function wantedFuses(root) {
  const said = parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')).electronFuses;
  for (const name of Object.keys(said)) {
    if (!Object.hasOwn(NAMES, name))
      throw new Error(`electron-builder.yml: electronFuses.${name} is no fuse known here.`);
  }
  return said;
}

/** @param {string} binary @param {Partial<Fuses>} fuses */
export async function setFuses(binary, fuses) {
  /** @type {import('@electron/fuses').FuseV1Config} */
  const config = { version: FuseVersion.V1, resetAdHocDarwinSignature: process.platform === 'darwin' };
  for (const name of names) if (fuses[name] !== undefined) config[NAMES[name]] = fuses[name];
  await flipFuses(binary, config);
}

/** What a binary's fuses are; null where this Electron has no such fuse. @param {string} binary */
export async function readFuses(binary) {
  const wire = await getCurrentFuseWire(binary);
  return Object.fromEntries(
    names.map((name) => {
      const state = wire[NAMES[name]];
      return [name, state === FuseState.ENABLE ? true : state === FuseState.DISABLE ? false : null];
    }),
  );
}
