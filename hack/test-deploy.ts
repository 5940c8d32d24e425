import { z } from "zod";
import { choosePodCluster, CLUSTER_VARIABLE, clusterName } from "./clusters/choice";
import { parseOptions } from "./lib/options";
import { supervised } from "./lib/supervisor";
import { task, UserError } from "./lib/task";
import { runIntegrationTests } from "./test-runner/run";

const USAGE = `usage: npm run test:deploy [-- --cluster node|kind] [FILE...]

Deploys the locker into a cluster that runs Pods, and shows that it locks there, whatever happens to its Pod.

  --cluster node   a node of its own: containerd and kubelet; needs root on Linux with cgroup v1
  --cluster kind   a cluster made with kind; needs kind and Docker
                   default: the first of the two that this machine can host; where it can host none, all is skipped
`;

const FILES = ["test/deploy/*.test.ts"];

task(() =>
  supervised("helm-locker-test", async supervisor => {
    const { cluster, files } = parseOptions({
      usage: USAGE,
      options: { cluster: { type: "string" } },
      schema: z.object({ cluster: clusterName.optional(), files: z.array(z.string()) }),
      allowFiles: true,
    });
    const choice = choosePodCluster(cluster);
    if ("obstacle" in choice) {
      if (cluster !== undefined) throw new UserError(choice.obstacle);
      process.stdout.write(
        `Skipped: this machine cannot host a cluster that runs Pods: ${choice.obstacle}.\n`,
      );
      return 0;
    }
    // Pepr's Pods get half a processor, and their probes one second: they need the machine for themselves.
    const options = { concurrency: 1, env: { [CLUSTER_VARIABLE]: choice.name } };
    return runIntegrationTests(supervisor, files.length > 0 ? files : FILES, options);
  }),
);
