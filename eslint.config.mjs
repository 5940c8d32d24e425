import tseslint from "typescript-eslint";

/**
 * Which folder may import which: the ground first, each only from those before it. Files beside the folders join them.
 */
const FOLDERS = {
  capabilities: {
    kube: [],
    release: ["kube"],
    cluster: ["kube"],
    catalogue: ["kube"],
    policy: ["kube"],
    drift: ["kube", "release", "catalogue", "policy"],
    work: ["cluster"],
    standby: ["kube", "cluster"],
    state: ["kube", "release", "policy", "drift", "work"],
    report: ["kube", "release", "cluster", "policy", "drift", "work", "standby", "state"],
    sources: ["kube", "release", "cluster", "work", "state", "report"],
    lock: ["kube", "release", "cluster", "policy", "drift", "work", "standby", "state", "report", "sources"],
    standalone: ["kube", "cluster", "report"],
  },
  cli: {
    output: [],
    access: [],
    inspection: ["output", "access"],
    completion: ["access"],
    verbs: ["output", "access", "inspection", "completion"],
  },
  hack: {
    lib: [],
    artifacts: ["lib"],
    clusters: ["lib", "artifacts"],
    locker: ["lib", "artifacts", "clusters"],
    demo: ["lib", "artifacts", "clusters", "locker"],
    bench: ["lib", "artifacts", "clusters", "locker"],
    "test-runner": ["lib", "artifacts"],
  },
};

/** Files beside the folders that a folder may import. */
const FILES = { lock: ["config"], standalone: ["helm-locker"] };

/** Packages that speak to the API server: only these folders import them. The fluent client's types are everybody's. */
const CLIENTS = {
  undici: ["cluster"],
  "@kubernetes/client-node": ["cluster", "access"],
  "kubernetes-fluent-client": ["cluster"],
  pepr: ["standalone"],
};

/** The borders of one folder: nothing of another one that it may not import, and no client that is not its own. */
function bordersOf(base, folder) {
  const all = Object.keys(FOLDERS[base]);
  const allowed = FOLDERS[base][folder];
  const above = allowed.filter(other => all.indexOf(other) >= all.indexOf(folder));
  if (above.length > 0) throw new Error(`${folder}/ may not import ${above.join(", ")}: it stands below`);
  const others = all.filter(other => other !== folder && !allowed.includes(other));
  const files = Object.values(FILES)
    .flat()
    .filter(file => !FILES[folder]?.includes(file));
  const clients = Object.keys(CLIENTS).filter(name => !CLIENTS[name].includes(folder));
  return {
    files: [`${base}/${folder}/**/*.ts`],
    ignores: ["**/*.test.ts"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths:
            base === "hack"
              ? []
              : clients.map(name => ({
                  name,
                  message: `${folder}/ speaks to no API server.`,
                  allowTypeImports: true,
                })),
          patterns: [
            {
              regex: `^(\\.\\./)+(${others.join("|")})/`,
              message: `${base}/${folder}/ imports ${allowed.join(", ") || "no other folder"} (FOLDERS in eslint.config.mjs).`,
            },
            { regex: `^(\\.\\./)+(${files.join("|")})$`, message: `${folder}/ stands below it.` },
            ...(base === "hack" ? OUTSIDE_OF_HACK : []),
          ],
        },
      ],
    },
  };
}

/** The tests import hack/, never the other way, and hack/ speaks to the locker from outside. */
const OUTSIDE_OF_HACK = [
  { group: ["**/test/**"], message: "The tests import hack/, never the other way." },
  {
    group: ["**/capabilities/**", "!**/capabilities/config"],
    message: "It speaks to the locker from outside.",
  },
];

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
    rules: { "no-console": "error" },
  },
  {
    files: ["capabilities/**/*.ts", "cli/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "max-lines": ["error", 220] },
  },
  {
    files: ["hack/*.ts"],
    rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns: OUTSIDE_OF_HACK }] },
  },
  ...Object.entries(FOLDERS).flatMap(([base, folders]) =>
    Object.keys(folders).map(folder => bordersOf(base, folder)),
  ),
);
