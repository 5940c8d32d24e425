import { parseArgs } from "node:util";
import { runIntegrationTests } from "./node-test";
import { choosePodCluster, CLUSTER_VARIABLE, clusterName } from "./pods/choice";
import { supervised } from "./supervisor";
import { task, UserError } from "./task";

const USAGE = `usage: npm run test:deploy [-- --cluster node|kind] [FILE...]

Deploys the locker into a cluster that runs Pods, and shows that it locks there, whatever happens to its Pod.

  --cluster node   a node of its own: containerd and kubelet; needs root on Linux with cgroup v1
  --cluster kind   a cluster made with kind; needs kind and Docker
                   default: the first of the two that this machine can host; where it can host none, all is skipped
`;

const FILES = ["test/deploy/*.test.ts"];

task(() =>
  supervised("helm-locker-test", supervisor => {
    const { cluster, files } = optionsOf(process.argv.slice(2));
    // Pepr's Pods are given half a processor, and their probes a second: they want the machine for themselves.
    const options = { concurrency: 1, env: { [CLUSTER_VARIABLE]: cluster } };
    return runIntegrationTests(supervisor, files.length > 0 ? files : FILES, options);
  }),
);

function optionsOf(args: string[]): { cluster: string | undefined; files: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { cluster: { type: "string" } },
      allowPositionals: true,
    });
    const cluster = clusterName.optional().parse(values.cluster);
    const choice = choosePodCluster(cluster);
    if (cluster !== undefined && "obstacle" in choice) throw new UserError(choice.obstacle);
    return { cluster, files: positionals };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new UserError(`${problem}\n\n${USAGE}`, { cause: error });
  }
}
