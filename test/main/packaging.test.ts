import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

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

  it('makes deb, AppImage, dmg and nsis', () => {
    expect(config.linux.target.toSorted()).toEqual(['AppImage', 'deb']);
    expect(config.mac.target).toEqual(['dmg']);
    expect(config.win.target).toEqual(['nsis']);
  });

  it('finds its icons, each of its own kind', () => {
    const heads = { linux: '\x89PNG', mac: 'icns', win: '\0\0\x01\0' };
    for (const [platform, head] of Object.entries(heads)) {
      const { icon } = config[platform];
      expect(existsSync(icon)).toBe(true);
      expect(readFileSync(icon).toString('latin1', 0, 4)).toBe(head);
    }
  });

  it('packs the built program and no package of node_modules', () => {
    expect(config.files).toEqual(expect.arrayContaining(['out/**', '!node_modules']));
    expect(pkg.main).toMatch(/^out\//);
    expect(pkg.dependencies ?? {}).toEqual({});
    expect(pkg.author).toBeTruthy(); // deb wants one
  });

  it('turns the doors off that a packaged Electron leaves open', () => {
    expect(config.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      onlyLoadAppFromAsar: true,
    });
  });
});
