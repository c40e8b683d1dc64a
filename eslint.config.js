import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { borders, pureParts } from "./scripts/check/borders.js";

const plainScripts = ["**/*.js", "**/*.mjs"];

export default defineConfig(
  globalIgnores([
    "**/node_modules/",
    ".cache/",
    ".lode/",
    "artifacts/",
    "cache/",
    "coverage/",
    "contracts/sdk/abi/",
    "coordinator/prisma/generated/",
    "coordinator/web/dist/",
    // AssemblyScript and what graph-cli makes of it: neither is TypeScript.
    "subgraph/src/",
    "subgraph/generated/",
    "subgraph/build/",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  {
    files: ["**/*.{ts,tsx}"],
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/strict-boolean-expressions": "error",
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // An async signature is often an interface's promise, not this implementation's need.
      "@typescript-eslint/require-await": "off",
      eqeqeq: "error",
      "no-console": "error",
    },
  },
  ...borders.map(({ files, ignores, forbid }) => ({
    files,
    ...(ignores && { ignores }),
    rules: { "no-restricted-imports": ["error", { patterns: forbid }] },
  })),
  {
    files: pureParts.files,
    rules: {
      "no-restricted-globals": ["error", ...pureParts.globals],
      "no-restricted-properties": ["error", ...pureParts.properties],
    },
  },
  {
    // Tests index into fixtures they have just built, and hand half-built values to code that must refuse them.
    files: ["test/**/*.ts"],
    rules: {
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/unbound-method": "off",
      // Clients in the wild still send what their library calls deprecated.
      "@typescript-eslint/no-deprecated": "off",
    },
  },
  {
    // Answers have whatever shape the query asked for.
    files: ["test/subgraph/**/*.ts", "test/helpers/indexer.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/restrict-plus-operands": "off",
    },
  },
  {
    files: ["scripts/**", "miner/src/cli/**", "miner/models/**", "zk-circuits/model/**"],
    rules: { "no-console": "off" },
  },
  {
    files: plainScripts,
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        URL: "readonly",
      },
    },
  },
);
