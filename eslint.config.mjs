import tseslint from "typescript-eslint";

/** Only cluster/ speaks HTTP: every other folder names what it needs from it as an interface. */
const clients = ["undici", "@kubernetes/client-node"];

/** What decides stays free of Pepr and of the network, so that it can be tested as plain functions. */
const forbidInPureCode = {
  patterns: [
    { group: ["pepr", "kubernetes-fluent-client", ...clients], message: "Pure code imports no client." },
    { group: ["**/cluster/*", "**/report/*"], message: "Pure code neither acts nor reports." },
  ],
};

/** From the roof to the ground: who stands lower imports nothing of what stands higher. */
const hackLayers = ["tasks", "bench", "demo", "locker", "clusters", "artifacts", "lib"];

function forbidInHack(higher) {
  const above = higher.filter(layer => layer !== "tasks").map(layer => `**/${layer}/**`);
  return {
    patterns: [
      { group: ["**/test/**"], message: "The tests import hack/, never the other way." },
      {
        group: ["**/capabilities/**", "!**/capabilities/config"],
        message: "It speaks to the locker from outside.",
      },
      ...(above.length === 0 ? [] : [{ group: above, message: "That stands on this layer." }]),
    ],
  };
}

export default tseslint.config(
  { ignores: ["dist/", "node_modules/", "**/*.mjs", "**/*.cjs"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      complexity: ["error", 10],
      "max-depth": ["error", 3],
      "max-params": ["error", 4],
      eqeqeq: "error",
      "@typescript-eslint/no-floating-promises": [
        "error",
        {
          allowForKnownSafeCalls: [
            {
              from: "package",
              package: "node:test",
              name: ["test", "it", "describe", "suite", "before", "after"],
            },
          ],
        },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": "error",
    },
  },
  {
    files: ["capabilities/**/*.ts"],
    rules: {
      "no-console": "error",
      "no-restricted-imports": [
        "error",
        { paths: clients.map(name => ({ name, message: "Only cluster/ imports a client." })) },
      ],
    },
  },
  {
    files: ["capabilities/cluster/**/*.ts"],
    rules: { "no-restricted-imports": "off" },
  },
  {
    files: ["capabilities/release/**/*.ts", "capabilities/lock/{phase,drift}.ts"],
    rules: { "no-restricted-imports": ["error", forbidInPureCode] },
  },
  ...hackLayers.map((layer, index) => ({
    files: [layer === "tasks" ? "hack/**/*.ts" : `hack/${layer}/**/*.ts`],
    rules: { "no-restricted-imports": ["error", forbidInHack(hackLayers.slice(0, index))] },
  })),
);
