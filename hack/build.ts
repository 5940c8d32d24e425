import { relative } from "node:path";
import { lockerChart } from "./artifacts/chart";
import { lockerCommand } from "./artifacts/command";
import { helmPlugins, npmPackage } from "./artifacts/command/packages";
import { deploymentManifest } from "./artifacts/manifest";
import { standaloneModule } from "./artifacts/module";
import { ROOT, runTool } from "./lib/project";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";

/**
 * Checks the types, then builds the deployment, the chart, the bundled locker, and the command with its packages into dist/ if
 * their sources have changed.
 */
task(async () => {
  const code = await supervised("helm-locker-build", supervisor => runTool(supervisor, ["tsc", "--noEmit"]));
  if (code !== 0) return code;
  const builds = [deploymentManifest, lockerChart, standaloneModule, lockerCommand, npmPackage, helmPlugins];
  for (const build of builds) process.stdout.write(`${relative(ROOT, await build())}\n`);
  return 0;
});
