import { relative } from "node:path";
import { z } from "zod";
import { lockerChart } from "./artifacts/chart";
import { lockerCommand } from "./artifacts/command";
import { helmPlugins, npmPackage } from "./artifacts/command/packages";
import { deploymentManifest } from "./artifacts/manifest";
import { standaloneModule } from "./artifacts/module";
import { parseOptions } from "./lib/options";
import { ROOT, runTool } from "./lib/project";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";

const USAGE = `usage: npm run build [-- --command]

Checks the types, then builds everything into dist/ whose sources have changed.

  --command   only the command with its packages, in some seconds; types are not checked
`;

const COMMAND = [lockerCommand, npmPackage, helmPlugins];

/** Builds the deployment, the chart, the bundled locker, and the command with its packages. */
task(async () => {
  const { command } = parseOptions({
    usage: USAGE,
    options: { command: { type: "boolean" } },
    schema: z.object({ command: z.boolean().default(false) }),
  });
  if (!command) {
    const code = await supervised("helm-locker-build", supervisor =>
      runTool(supervisor, ["tsc", "--noEmit"]),
    );
    if (code !== 0) return code;
  }
  const builds = command ? COMMAND : [deploymentManifest, lockerChart, standaloneModule, ...COMMAND];
  for (const build of builds) process.stdout.write(`${relative(ROOT, await build())}\n`);
  return 0;
});
