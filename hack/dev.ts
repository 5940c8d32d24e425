import { parseArgs } from "node:util";
import { ensurePrerequisites, registrationNamespace } from "./locker/prerequisites";
import { startControlPlane } from "./clusters/control-plane";
import { kindObstacle, startKind } from "./clusters/kind";
import { spawnPeprDev, type DevOptions } from "./locker/pepr-dev";
import { ROOT } from "./lib/project";
import { foreground, supervised } from "./lib/supervisor";
import { task, UserError } from "./lib/task";

const USAGE = `usage: npm run dev [-- --cluster kind]

Runs the locker from source against $KUBECONFIG, else a control plane of its own, and again after each change. A
debugger can be attached on 127.0.0.1:9229.

  --cluster kind   a cluster made with kind, which is removed at the end
`;

/** What the module is run against. */
interface Cluster {
  kubeconfig: string;
  stop(): Promise<void>;
}

task(async () => {
  const cluster = await openCluster(process.argv.slice(2));
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

async function openCluster(args: string[]): Promise<Cluster> {
  const choice = clusterOf(args);
  const given = process.env["KUBECONFIG"];
  if (choice === undefined && given !== undefined) {
    return { kubeconfig: given, stop: () => Promise.resolve() };
  }
  const cluster = choice === undefined ? await startControlPlane() : await startKind();
  process.stderr.write(`export KUBECONFIG=${cluster.kubeconfig}\n`);
  return cluster;
}

function clusterOf(args: string[]): "kind" | undefined {
  let cluster: string | undefined;
  try {
    ({ cluster } = parseArgs({ args, options: { cluster: { type: "string" } } }).values);
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`, {
      cause: error,
    });
  }
  if (cluster === undefined) return undefined;
  if (cluster !== "kind") throw new UserError(`--cluster ${cluster}: there is only kind\n\n${USAGE}`);
  const obstacle = kindObstacle();
  if (obstacle !== undefined) throw new UserError(obstacle);
  return cluster;
}
