import { registerHooks } from 'node:module';

const double = new URL('./electron.ts', import.meta.url).href;

registerHooks({
  resolve(specifier, context, next) {
    if (specifier === 'electron' || specifier.startsWith('electron/')) {
      return { url: double, format: 'module-typescript', shortCircuit: true };
    }
    return next(specifier, context);
  },
});

Object.defineProperty(process.versions, 'electron', {
  value: process.env['DOUBLE_ELECTRON_VERSION'] ?? '45.4.1',
  enumerable: true,
});
Object.assign(process, { type: 'browser', defaultApp: true, resourcesPath: process.cwd() });
