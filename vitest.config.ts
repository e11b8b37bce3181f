import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// Importing 'electron' outside Electron starts a download; with this it yields a path that does not exist, at once.
const env = { ELECTRON_OVERRIDE_DIST_PATH: '/nonexistent' };

// Patience costs nothing where waiting ends as soon as what is waited for is there, and a busy machine needs it.
const patient = { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } };

/** What needs a real Electron is a suite of its own, with a desk to run it on (`npm run desktop`). */
const desktop = {
  extends: true as const,
  test: {
    name: 'desktop',
    environment: 'node' as const,
    include: ['test/e2e/{desktop,fidelity}.test.ts', 'test/desktop/**/*.test.ts'],
    ...patient,
    testTimeout: 180_000,
    fileParallelism: false,
  },
};

export default defineConfig({
  test: {
    projects: [
      ...(process.env['HEARTLINE_DESK'] === undefined ? [] : [desktop]),
      {
        extends: true,
        test: {
          name: 'unit',
          environment: 'node',
          env,
          include: ['test/{architecture,contracts,shared,engine,rpc,cli,main,fidelity,reports}/**/*.test.ts'],
          ...patient,
        },
      },
      {
        extends: true,
        plugins: [vue()],
        test: { name: 'page', environment: 'happy-dom', env, include: ['test/renderer/**/*.test.ts'], ...patient },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          globalSetup: ['./test/helpers/global-rigs.ts'],
          include: ['test/e2e/**/*.test.ts'],
          ...patient,
          testTimeout: 180_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
    reporters: [['default', { summary: false }], './test/helpers/summary-reporter.ts'],
    coverage: {
      provider: 'v8',
      include: ['src/**/*.{ts,vue}'],
      exclude: ['**/*.d.ts'],
      reporter: ['text', 'json-summary'],
    },
  },
});
