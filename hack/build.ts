import { relative } from "node:path";
import { lockerChart } from "./artifacts/chart";
import { deploymentManifest } from "./artifacts/manifest";
import { standaloneModule } from "./artifacts/module";
import { ROOT, runTool } from "./lib/project";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";

/** Checks the types, then builds the deployment, the chart and the bundled locker into dist/ if their sources have changed. */
task(async () => {
  const code = await supervised("helm-locker-build", supervisor => runTool(supervisor, ["tsc", "--noEmit"]));
  if (code !== 0) return code;
  for (const path of [await deploymentManifest(), await lockerChart(), await standaloneModule()]) {
    process.stdout.write(`${relative(ROOT, path)}\n`);
  }
  return 0;
});
