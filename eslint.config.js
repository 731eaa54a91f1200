import tseslint from 'typescript-eslint';
import { builtinModules } from 'node:module';

/** What is for development is not there where the package is installed. tsc keeps this too: `rootDir` in tsconfig.build.json. */
const FOR_DEVELOPMENT = {
  regex: '(^|/)(packages|test|bench)/|^(fake-luma|playground)(/|$)|^@temporalio/testing$',
  message: 'For development only: what ships does not import it.',
};

/** Workflow code runs in a deterministic sandbox: nothing there may reach the machine or the clock of the host. */
const workflowRules = {
  files: ['src/workflows/**/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        paths: builtinModules.flatMap((name) => [
          { name, message: 'Workflow code is replayed: no Node built-ins.' },
          { name: `node:${name}`, message: 'Workflow code is replayed: no Node built-ins.' },
        ]),
        patterns: [
          FOR_DEVELOPMENT,
          { regex: '^node:', message: 'Workflow code is replayed: no Node built-ins.' },
          {
            regex: '/(activities|luma|mongo|secrets|cli)/',
            allowTypeImports: true,
            message: 'Import types only: a workflow calls activities through proxyActivities.',
          },
          {
            regex: '^(mongodb|pino|undici|@temporalio/(activity|client|worker))$',
            allowTypeImports: true,
            message: 'Import types only: this package cannot run inside a workflow.',
          },
        ],
      },
    ],
  },
};

const ONE_PACKAGE = 'fake-luma is a package of its own: it imports npm packages and its own files only.';

/** Which folders may not import which. The rules for workflows, of the same name, replace the first of these. */
const walls = [
  ['src/**/*.ts', FOR_DEVELOPMENT],
  [
    'packages/fake-luma/src/**/*.ts',
    { regex: '^\\.\\./|^(luma-sync|playground)(/|$)', message: ONE_PACKAGE },
  ],
  [
    'packages/fake-luma/test/**/*.ts',
    { regex: '^(\\.\\./){3}|^\\.\\./\\.\\./(?!src/)|^(luma-sync|playground)(/|$)', message: ONE_PACKAGE },
  ],
].map(([files, pattern]) => ({
  files: [files],
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns: [pattern] }] },
}));

const CAN_PARSE = { object: 'URL', property: 'canParse', message: 'Use src/parse-url.ts, which says why.' };

export default tseslint.config(
  // The examples are projects of their own: test/examples checks their types with what they depend on.
  { ignores: ['**/dist/', '**/node_modules/', 'coverage/', '.cache/', 'examples/*/'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // An import of types only must leave no import behind: workflow code would otherwise bundle what it names.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
      'no-restricted-properties': ['error', CAN_PARSE],
    },
  },
  ...walls,
  workflowRules,
  {
    // One schema reads the environment; everything else takes settings as arguments.
    files: ['src/**/*.ts', 'packages/*/src/**/*.ts'],
    ignores: ['src/config.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        CAN_PARSE,
        { object: 'process', property: 'env', message: 'Settings are read in src/config.ts only.' },
      ],
    },
  },
);
