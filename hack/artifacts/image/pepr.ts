import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { cacheKey, cached } from "../../lib/cache";
import { run } from "../../lib/command";
import { ROOT } from "../../lib/project";
import { keyOfFiles } from "../../lib/stale";
import { deploymentManifest } from "../manifest";
import { writeArchive, type ImageConfig } from "./archive";
import { installNode, NON_ROOT } from "./node";

const lockfile = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
});

const deployment = z.object({
  kind: z.literal("Deployment"),
  spec: z.object({
    template: z.object({ spec: z.object({ containers: z.array(z.object({ image: z.string() })) }) }),
  }),
});

const CONFIG: ImageConfig = {
  Entrypoint: ["/usr/bin/node"],
  User: String(NON_ROOT),
  Env: ["PATH=/usr/bin"],
  WorkingDir: "/app",
};

/**
 * Makes Pepr's controller image from Pepr's npm package, under the name that the built deployment asks for, and returns
 * the archive's path. The content is that of Pepr's own Dockerfile: the production dependencies without peers, and Pepr
 * itself. Pepr's pruning of unused files is left out.
 * @see https://github.com/defenseunicorns/pepr/blob/main/Dockerfile
 */
export async function peprImage(): Promise<string> {
  const name = await imageOfDeployment();
  const dependencies = await versionsOf("pepr", "ws");
  const inputs = [name, JSON.stringify([dependencies, CONFIG]), process.version, process.arch];
  return cached({
    path: join(
      "images",
      `pepr-${cacheKey([...inputs, await keyOfFiles(ROOT, ["hack/artifacts/image/node.ts"])])}.tar`,
    ),
    line: "making Pepr's controller image, once, about half a minute",
    build: async output => {
      const root = join(dirname(output), "root");
      const app = join(dirname(output), "app");
      await installNode(root);
      await mkdir(join(root, "tmp"), { mode: 0o1777 });
      await installPackages(join(app, "app"), dependencies);
      const layers = [
        { root, owner: 0 },
        { root: app, owner: NON_ROOT },
      ];
      await writeArchive({ name, config: CONFIG, layers }, output);
    },
  });
}

async function imageOfDeployment(): Promise<string> {
  const documents = parseAllDocuments(await readFile(await deploymentManifest(), "utf8"));
  const found = documents.flatMap(document => deployment.safeParse(document.toJS()).data ?? []);
  return z.string().parse(found[0]?.spec.template.spec.containers[0]?.image);
}

/** The versions that the project itself uses; `ws` is a peer dependency of the Kubernetes client. */
async function versionsOf(...names: string[]): Promise<Record<string, string>> {
  const { packages } = lockfile.parse(JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8")));
  return Object.fromEntries(
    names.map(name => [name, z.string().parse(packages[`node_modules/${name}`]?.version)]),
  );
}

async function installPackages(directory: string, dependencies: Record<string, string>): Promise<void> {
  await mkdir(directory, { recursive: true });
  const files = ["package.json", "package-lock.json"].map(name => join(directory, name));
  await writeFile(join(directory, "package.json"), JSON.stringify({ private: true, dependencies }));
  const flags = [
    "--omit=dev",
    "--omit=peer",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  await run("npm", ["install", ...flags], { cwd: directory, env: process.env });
  await Promise.all(files.map(file => rm(file)));
}
