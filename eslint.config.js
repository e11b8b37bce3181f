import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import vue from 'eslint-plugin-vue';
import globals from 'globals';
import ts from 'typescript-eslint';

/** The rules that know types: for promises nobody waits for, conditions that cannot fail, cases that are missing. */
const typeChecked = {
  languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.vue'] } },
};

export default ts.config(
  { ignores: ['out/', 'coverage/', 'dist/', 'node_modules/', 'test/rigs/'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...vue.configs['flat/recommended'].map((config) => ({ files: ['**/*.vue'], ...config })),
  { languageOptions: { globals: { ...globals.node, ...globals.browser } } },
  { files: ['**/*.vue'], languageOptions: { parserOptions: { parser: ts.parser } } },
  { files: ['src/**/*.{ts,vue}', 'test/**/*.ts'], ...typeChecked },
  {
    files: ['src/**/*.ts'],
    extends: [ts.configs.strictTypeCheckedOnly],
    rules: {
      // An interface of promises is kept by async methods: what they throw is a rejection then.
      '@typescript-eslint/require-await': 'off',
      // Node types a server's sockets as streams; casts give their reason.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // What was caught may be handed on as it is.
      '@typescript-eslint/only-throw-error': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // Hooks are objects of methods that use no `this`; whether one is there is asked often.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
    },
  },
  {
    files: ['src/**/*.{ts,vue}', 'test/**/*.ts'],
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // Only vue-tsc knows the type of a component.
    files: ['src/renderer/app/page.ts'],
    rules: { '@typescript-eslint/no-unsafe-argument': 'off' },
  },
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/no-explicit-any': 'off' } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    rules: {
      'no-undef': 'off', // TypeScript knows, room by room
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  prettier, // last: leaves the layout to Prettier
);
