import { relative } from "node:path";
import { lockerChart } from "./chart";
import { deploymentManifest } from "./manifest";
import { standaloneModule } from "./module";
import { ROOT, runTool } from "./project";
import { supervised } from "./supervisor";
import { task } from "./task";

/** Checks the types, then builds the deployment, the chart and the bundled locker into dist/ where their sources have changed. */
task(async () => {
  const code = await supervised("helm-locker-build", supervisor => runTool(supervisor, ["tsc", "--noEmit"]));
  if (code !== 0) return code;
  for (const path of [await deploymentManifest(), await lockerChart(), await standaloneModule()]) {
    process.stdout.write(`${relative(ROOT, path)}\n`);
  }
  return 0;
});
