import { z } from "zod";
import { startControlPlane } from "./clusters/control-plane";
import { kindObstacle, startKind } from "./clusters/kind";
import { parseOptions } from "./lib/options";
import { ROOT } from "./lib/project";
import { foreground, supervised } from "./lib/supervisor";
import { task, UserError } from "./lib/task";
import { spawnPeprDev, type DevOptions } from "./locker/pepr-dev";
import { ensurePrerequisites, registrationNamespace } from "./locker/prerequisites";

const USAGE = `usage: npm run dev [-- --cluster kind]

Runs the locker from source against $KUBECONFIG, else a control plane of its own, and again after each change. A
debugger can be attached on 127.0.0.1:9229.

  --cluster kind   a cluster made with kind, which is removed at the end
`;

/** The cluster that the module runs against. */
interface Cluster {
  kubeconfig: string;
  stop(): Promise<void>;
}

task(async () => {
  const cluster = await openCluster();
  try {
    await ensurePrerequisites(registrationNamespace(), cluster.kubeconfig);
    return await supervised("helm-locker-dev", async supervisor => {
      const { kubeconfig } = cluster;
      const stdio: DevOptions["stdio"] = ["ignore", "inherit", "inherit"];
      return foreground(await spawnPeprDev(supervisor, { kubeconfig, cwd: ROOT, stdio }));
    });
  } finally {
    await cluster.stop();
  }
});

async function openCluster(): Promise<Cluster> {
  const { cluster: choice } = parseOptions({
    usage: USAGE,
    options: { cluster: { type: "string" } },
    schema: z.object({ cluster: z.literal("kind", "there is only kind").optional() }),
  });
  const obstacle = choice && kindObstacle();
  if (obstacle !== undefined) throw new UserError(obstacle);
  const given = process.env["KUBECONFIG"];
  if (choice === undefined && given !== undefined) {
    return { kubeconfig: given, stop: () => Promise.resolve() };
  }
  const cluster = choice === undefined ? await startControlPlane() : await startKind();
  process.stderr.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  return cluster;
}
