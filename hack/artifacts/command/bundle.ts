import { build as bundle, type BuildOptions, type Plugin } from "esbuild";
import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { ROOT } from "../../lib/project";

const CLI = join(ROOT, "cli");

const OPTIONS = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  minify: true,
  keepNames: true,
  logLevel: "error",
  write: false,
} as const satisfies BuildOptions;

/**
 * The command in one file, in two parts: what every call needs, and below it, as a comment, all that is imported
 * dynamically. Node needs a long time to parse that: it is uncommented only once a verb needs it.
 */
export async function bundleCommand(): Promise<string> {
  const loader = await readFile(join(__dirname, "later.cjs"), "utf8");
  const later = new Set<string>();
  const first = await textOf({
    ...OPTIONS,
    entryPoints: [join(CLI, "main.ts")],
    plugins: [loadedLater(later)],
    banner: { js: loader },
  });
  const rest = await textOf({
    ...OPTIONS,
    stdin: { contents: tableOf([...later]), resolveDir: ROOT },
    plugins: [WITHOUT_UNUSED],
  });
  return `${first.trimEnd()}\n//later\n${rest.trimEnd().replaceAll(/^/gm, "//")}\n`;
}

async function textOf(options: BuildOptions & { write: false }): Promise<string> {
  const { outputFiles } = await bundle(options);
  const [file] = outputFiles;
  if (!file) throw new Error("esbuild made nothing");
  return file.text;
}

/** A module that has each of these files. */
function tableOf(files: readonly string[]): string {
  const entries = files.map(
    file => `${JSON.stringify(nameOf(file))}: () => require(${JSON.stringify(file)}),`,
  );
  return `module.exports = {\n${entries.join("\n")}\n};`;
}

function nameOf(file: string): string {
  return relative(CLI, file);
}

/** Leaves out what is imported dynamically, notes it, and takes it from the comment at run time. */
function loadedLater(files: Set<string>): Plugin {
  return {
    name: "loaded-later",
    setup(build) {
      build.onResolve({ filter: /^\./ }, async ({ kind, path, resolveDir }) => {
        if (kind !== "dynamic-import") return undefined;
        const found = await build.resolve(path, { kind: "require-resolve", resolveDir });
        files.add(found.path);
        return { path: found.path, namespace: "later" };
      });
      build.onLoad({ filter: /./, namespace: "later" }, ({ path }) => ({
        contents: `module.exports = later(${JSON.stringify(nameOf(path))});`,
      }));
    },
  };
}

/** What the kubeconfig's reader imports, but the command never uses: the client's classes for each API, and a fetch that Node has. */
const WITHOUT_UNUSED: Plugin = {
  name: "without-unused",
  setup(build) {
    build.onResolve({ filter: /^@kubernetes\/client-node$/ }, ({ resolveDir }) =>
      build.resolve("@kubernetes/client-node/dist/config.js", { kind: "import-statement", resolveDir }),
    );
    build.onResolve({ filter: /^\.\/gen\/index\.js$/ }, ({ importer }) =>
      importer.includes("client-node") ? { path: "apis", namespace: "unused" } : undefined,
    );
    build.onResolve({ filter: /^node-fetch$/ }, () => ({ path: "fetch", namespace: "unused" }));
    build.onLoad({ filter: /^apis$/, namespace: "unused" }, () => ({
      contents: "export const createConfiguration = undefined, ServerConfiguration = undefined;",
    }));
    build.onLoad({ filter: /^fetch$/, namespace: "unused" }, () => ({
      contents: "export const Headers = undefined;",
    }));
  },
};
