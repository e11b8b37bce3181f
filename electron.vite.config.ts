import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

// Everything is bundled: the packaged app needs no node_modules at all.
export default defineConfig({
  main: {
    build: {
      externalizeDeps: false,
      sourcemap: true,
      rolldownOptions: {
        input: {
          index: resolve('src/main/index.ts'), // the only entry that imports "electron"
          cli: resolve('src/cli/entry.ts'),
        },
        external: ['bufferutil', 'utf-8-validate'], // optional native helpers of `ws`
      },
    },
  },
  preload: {
    build: {
      externalizeDeps: false,
      sourcemap: 'inline',
      rolldownOptions: {
        input: { index: resolve('src/preload/index.ts') },
        // A sandboxed preload must be CommonJS; .cjs because package.json says "type": "module".
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    plugins: [vue()],
    server: { host: '127.0.0.1', port: 22173, strictPort: true },
    build: {
      minify: true,
      assetsInlineLimit: 0, // data: URIs and inlined code fight the CSP
      modulePreload: { polyfill: false },
      rolldownOptions: { input: { index: resolve('src/renderer/index.html') } },
    },
  },
});
