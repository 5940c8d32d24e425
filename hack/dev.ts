import { ensureCluster, registrationNamespace } from "./cluster";
import { startControlPlane } from "./control-plane";
import { runTool } from "./project";
import { supervised } from "./supervisor";
import { task } from "./task";

const PEPR_DEV: [string, ...string[]] = ["pepr", "dev", "--host", "localhost", "-y"];

/** Runs the module from source, and again after each change, against `$KUBECONFIG`, else a control plane of its own. */
task(async () => {
  const given = process.env["KUBECONFIG"];
  if (given !== undefined) return develop(given);
  const controlPlane = await startControlPlane();
  process.stderr.write(`export KUBECONFIG=${controlPlane.kubeconfig}\n`);
  try {
    return await develop(controlPlane.kubeconfig);
  } finally {
    await controlPlane.stop();
  }
});

async function develop(kubeconfig: string): Promise<number> {
  await ensureCluster(registrationNamespace(), kubeconfig);
  return supervised("helm-locker-dev", supervisor =>
    runTool(supervisor, PEPR_DEV, { KUBECONFIG: kubeconfig }),
  );
}
