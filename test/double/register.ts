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
  value: '45.4.1 (test double)', // so that no screen and no record takes it for the real one
  enumerable: true,
});
Object.assign(process, { type: 'browser', defaultApp: true, resourcesPath: process.cwd() });
