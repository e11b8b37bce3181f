import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createPublicKey, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { layOut, reachedFrom } from '../../scripts/package/app-files.mjs';
import { appFolder, updateConfig } from '../../scripts/package/desktop-tree.mjs';
import { readFuses, setFuses, wantedFuses } from '../../scripts/package/fuses.mjs';
import { newKey, writeManifest } from '../../scripts/package/update-manifest.mjs';

// What electron-builder 26.17.0 itself checks first, with its own schema (descriptions taken out; MIT, electron-userland).
// That it also builds installers can only be seen where GitHub can be reached: npm run package.
const SCHEMA = 'test/fixtures/electron-builder-26.17.0.schema.json';

type Ajv = new (options: object) => { validate(schema: object, data: unknown): boolean; errorsText(): string };

/** A JSON Schema checker, as it comes with ESLint. */
function schemaChecker(): Ajv | string {
  try {
    return createRequire(import.meta.url)('ajv') as Ajv;
  } catch (error) {
    return `no JSON Schema checker is installed: ${(error as Error).message.split('\n')[0]}`;
  }
}

describe('electron-builder.yml', () => {
  const Ajv = schemaChecker();
  const config = parse(readFileSync('electron-builder.yml', 'utf8'));
  const pkg = JSON.parse(readFileSync('package.json', 'utf8'));

  it('is what electron-builder takes', (ctx) => {
    if (typeof Ajv === 'string') return ctx.skip(Ajv);
    const check = (data: unknown): string => {
      const ajv = new Ajv({ schemaId: 'auto' });
      return ajv.validate(JSON.parse(readFileSync(SCHEMA, 'utf8')), data) ? '' : ajv.errorsText();
    };
    expect(check(config)).toBe('');
    expect(check({ ...config, linuks: {} })).toContain('additional properties');
    expect(check({ ...config, nsis: { oneClick: 'no' } })).toContain('should be boolean');
  });

  it('makes what npm run package does not make by itself: AppImage, dmg, zip and nsis', () => {
    expect(config.linux.target).toEqual(['AppImage']);
    expect(config.mac.target).toEqual(['dmg', 'zip']);
    expect(config.win.target).toEqual(['nsis']);
  });

  it('opens recordings and links in the program, as the Linux packages do', () => {
    const { ext, mimeType } = config.fileAssociations[0];
    expect(readFileSync('build/linux/heartline.xml', 'utf8')).toContain(`<glob pattern="*.${ext}"/>`);
    const entry = readFileSync('build/linux/heartline.desktop', 'utf8');
    expect(entry).toContain(`${mimeType};`);
    for (const scheme of config.protocols[0].schemes) expect(entry).toContain(`x-scheme-handler/${scheme};`);
  });

  it('finds its icons, each of its own kind', () => {
    expect(readdirSync(config.linux.icon)).toContain('512x512.png');
    for (const name of readdirSync(config.linux.icon)) {
      const png = readFileSync(join(config.linux.icon, name));
      expect(png.toString('latin1', 0, 4)).toBe('\x89PNG');
      expect(`${png.readUInt32BE(16)}x${png.readUInt32BE(20)}.png`).toBe(name);
    }
    for (const [platform, head] of Object.entries({ mac: 'icns', win: '\0\0\x01\0' })) {
      expect(readFileSync(config[platform].icon).toString('latin1', 0, 4)).toBe(head);
    }
  });

  it('packs the built program and no package of node_modules', () => {
    expect(config.files).toEqual(['**/*', '!node_modules']);
    expect(pkg.main).toMatch(/^out\//);
    expect(pkg.dependencies ?? {}).toEqual({});
    expect(pkg.author).toBeTruthy(); // deb wants one
  });
});

describe('the fuses', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'heartline-fuses-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  /** Electron's own mark, version 1, and eight fuses as a new Electron has them. */
  const binary = (): string => {
    const file = join(dir, 'electron');
    writeFileSync(file, `ELF\0…dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX\x01\x0810110001…`, 'latin1');
    return file;
  };

  it('turn off the doors that a packaged Electron leaves open', () => {
    expect(wantedFuses('.')).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('are read back as they were set', async () => {
    const file = binary();
    expect(await readFuses(file)).toMatchObject({ runAsNode: true, onlyLoadAppFromAsar: false });
    await setFuses(file, wantedFuses('.'));
    expect(await readFuses(file)).toEqual(wantedFuses('.'));
  });

  it('are refused by a name that is none', () => {
    writeFileSync(join(dir, 'electron-builder.yml'), 'electronFuses: {runAsNod: false}\n');
    expect(() => wantedFuses(dir)).toThrow('electronFuses.runAsNod is no fuse');
  });
});

describe('what goes into a package', () => {
  let root: string;
  beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'heartline-package-'))));
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (file: string, text: string): void => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };
  beforeEach(() => {
    put(
      'out/main/index.js',
      `import { a } from "./chunks/shared-a.js"; const late = () => import("./chunks/late.js");`,
    );
    put('out/main/cli.js', `import { b } from "./chunks/argv.js"; import "./chunks/shared-a.js";`);
    put('out/main/chunks/shared-a.js', `import "./deep.js"; const text = "./dist/index.js";`);
    for (const name of ['deep', 'late', 'argv', 'unused']) put(`out/main/chunks/${name}.js`, '');
    put('out/main/index.js.map', '{}');
    put('out/renderer/index.html', '<html>');
    put('out/renderer/a.js.map', '{}');
    put('out/preload/index.cjs', '');
    put('LICENSE', 'MIT');
    put('package.json', readFileSync('package.json', 'utf8'));
  });

  it('is what its entry reaches, late imports too, and nothing of the other program', () => {
    const chunks = (...names: string[]): string[] => names.map((name) => `out/main/chunks/${name}.js`);
    expect(reachedFrom(root, 'index.js')).toEqual([...chunks('deep', 'late', 'shared-a'), 'out/main/index.js']);
    expect(reachedFrom(root, 'cli.js')).toEqual([...chunks('argv', 'deep', 'shared-a'), 'out/main/cli.js']);
  });

  it('has no source map and nothing of what was there before', () => {
    put('to/old.txt', '');
    layOut({ root, to: join(root, 'to'), entry: 'index.js', others: ['out/renderer'], manifest: { name: 'x' } });
    const files = readdirSync(join(root, 'to'), { recursive: true }).map(String);
    expect(files).toContain('out/renderer/index.html');
    expect(files.filter((file) => file.endsWith('.map') || file === 'old.txt')).toEqual([]);
  });

  it('is no command line and no list of dependencies, for the desktop', () => {
    appFolder(root, join(root, 'app'), {});
    const manifest = JSON.parse(readFileSync(join(root, 'app/package.json'), 'utf8'));
    expect(manifest).toMatchObject({ name: 'heartline', main: 'out/main/index.js', desktopName: 'heartline.desktop' });
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(['scripts']));
    expect(manifest.devDependencies).toBeUndefined();
    expect(existsSync(join(root, 'app/out/main/cli.js'))).toBe(false);
  });

  it('knows where updates are only where it was told', () => {
    expect(updateConfig({})).toBeNull();
    expect(parse(updateConfig({ HEARTLINE_UPDATE_URL: 'https://example.org/a b' })!)).toMatchObject({
      provider: 'generic',
      url: 'https://example.org/a b',
    });
  });

  it('is listed for updates with its hashes, signed', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    put(`dist/heartline_${version}_amd64.deb`, 'deb');
    put('dist/heartline_0.0.1_amd64.deb', 'of another version');
    const [open, secret] = newKey()
      .split('\n')
      .map((line) => line.split(': ')[1]!);
    const out = join(root, 'dist');
    expect(() => writeManifest({ root, out, env: {} })).toThrow('HEARTLINE_UPDATE_KEY is not set');
    expect(() => writeManifest({ root, out, env: { HEARTLINE_UPDATE_KEY: 'short' } })).toThrow('not 32 bytes');
    const { key: told } = writeManifest({ root, out, env: { HEARTLINE_UPDATE_KEY: secret! } });
    expect(told).toBe(open);
    const text = readFileSync(join(out, 'latest-linux.yml'));
    const list = parse(text.toString());
    expect(list.version).toBe(version);
    expect(list.files.map((file: { url: string }) => file.url)).toEqual([`heartline_${version}_amd64.deb`]);
    const head = Buffer.from('302a300506032b6570032100', 'hex');
    const key = createPublicKey({
      key: Buffer.concat([head, Buffer.from(open!, 'base64')]),
      format: 'der',
      type: 'spki',
    });
    const signature = Buffer.from(readFileSync(join(out, 'latest-linux.yml.sig'), 'utf8'), 'base64');
    expect(verify(null, text, key, signature)).toBe(true);
    expect(existsSync(join(out, 'latest.yml'))).toBe(false);
  });
});
