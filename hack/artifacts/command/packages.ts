import { chmod, cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "tar";
import { stringify } from "yaml";
import packageJson from "../../../package.json";
import { DIST, ROOT } from "../../lib/project";
import { upToDate } from "../../lib/stale";
import { COMMAND_INPUTS, lockerCommand } from "./index";

const { name, version, description, license, engines } = packageJson;

const NPM = "npm";
const HELM_PLUGIN = "helm-plugin";

/** npm's package: the command has its dependencies in it. */
const PACKAGE = {
  name,
  version,
  description,
  license,
  type: "commonjs",
  engines,
  bin: {
    [name]: name,
    "kubectl-helm_locker": "kubectl-helm_locker",
    "kubectl_complete-helm_locker": "kubectl_complete-helm_locker",
  },
};

/** `helm locker`, and what Helm shows of it. */
const PLUGIN = { name: "locker", version };
const COMMAND = [{ command: "$HELM_PLUGIN_DIR/helm-locker" }];

/**
 * What a folder of Helm's plugin says of itself. Helm 4 takes both; Helm 3 refuses the newer one.
 *
 * @see https://helm.sh/docs/plugins/developer/
 */
const PLUGIN_YAML = {
  "helm-3": { ...PLUGIN, usage: description, description, platformCommand: COMMAND },
  "helm-4": {
    apiVersion: "v1",
    type: "cli/v1",
    ...PLUGIN,
    runtime: "subprocess",
    config: { usage: "locker VERB [flags]", shortHelp: description, longHelp: description },
    runtimeConfig: { platformCommand: COMMAND },
  },
};

/** What Helm runs for completions. */
const COMPLETION = `#!/bin/sh\nexec "$HELM_PLUGIN_DIR/helm-locker" __complete "$@"\n`;

/** Packs the command for npm, if its sources have changed, and returns the path of the archive. */
export async function npmPackage(): Promise<string> {
  const directory = await upToDate({ output: NPM, inputs: COMMAND_INPUTS, build: pack });
  return join(directory, `${name}-${version}.tgz`);
}

/** Builds the plugin for each Helm, if its sources have changed, and returns the path of their folder. */
export function helmPlugins(): Promise<string> {
  return upToDate({ output: HELM_PLUGIN, inputs: COMMAND_INPUTS, build: buildPlugins });
}

async function pack(): Promise<void> {
  const directory = join(DIST, NPM);
  const folder = join(directory, "package");
  const command = await lockerCommand();
  await rm(directory, { recursive: true, force: true });
  await cp(join(command, ".."), folder, { recursive: true });
  await writeFile(join(folder, "package.json"), `${JSON.stringify(PACKAGE, undefined, 2)}\n`);
  await cp(join(ROOT, "LICENSE"), join(folder, "LICENSE"));
  await cp(join(ROOT, "docs", "cli.md"), join(folder, "README.md"));
  const file = join(directory, `${name}-${version}.tgz`);
  await create({ file, cwd: directory, gzip: true, portable: true }, ["package"]);
}

async function buildPlugins(): Promise<void> {
  const command = await lockerCommand();
  await rm(join(DIST, HELM_PLUGIN), { recursive: true, force: true });
  for (const [helm, about] of Object.entries(PLUGIN_YAML)) {
    const folder = join(DIST, HELM_PLUGIN, helm);
    await mkdir(folder, { recursive: true });
    await cp(command, join(folder, "helm-locker"));
    await writeFile(join(folder, "plugin.yaml"), stringify(about));
    await writeFile(join(folder, "plugin.complete"), COMPLETION);
    await chmod(join(folder, "plugin.complete"), 0o755);
  }
}
