import { parseArgs } from "node:util";
import { z } from "zod";
import { runIntegrationTests } from "./test-runner/run";
import { choosePodCluster, CLUSTER_VARIABLE, clusterName } from "./clusters/choice";
import { supervised } from "./lib/supervisor";
import { task, UserError } from "./lib/task";

const USAGE = `usage: npm run test:deploy [-- --cluster node|kind] [FILE...]

Deploys the locker into a cluster that runs Pods, and shows that it locks there, whatever happens to its Pod.

  --cluster node   a node of its own: containerd and kubelet; needs root on Linux with cgroup v1
  --cluster kind   a cluster made with kind; needs kind and Docker
                   default: the first of the two that this machine can host; where it can host none, all is skipped
`;

const FILES = ["test/deploy/*.test.ts"];

task(() =>
  supervised("helm-locker-test", async supervisor => {
    const { cluster, files } = optionsOf(process.argv.slice(2));
    const choice = choosePodCluster(cluster);
    if ("obstacle" in choice) {
      if (cluster !== undefined) throw new UserError(choice.obstacle);
      process.stdout.write(
        `Skipped: this machine cannot host a cluster that runs Pods: ${choice.obstacle}.\n`,
      );
      return 0;
    }
    // Pepr's Pods are given half a processor, and their probes a second: they want the machine for themselves.
    const options = { concurrency: 1, env: { [CLUSTER_VARIABLE]: choice.name } };
    return runIntegrationTests(supervisor, files.length > 0 ? files : FILES, options);
  }),
);

function optionsOf(args: string[]): { cluster?: z.infer<typeof clusterName> | undefined; files: string[] } {
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { cluster: { type: "string" } },
      allowPositionals: true,
    });
    return { cluster: clusterName.optional().parse(values.cluster), files: positionals };
  } catch (error) {
    throw new UserError(`${problemOf(error)}\n\n${USAGE}`, { cause: error });
  }
}

function problemOf(error: unknown): string {
  if (error instanceof z.ZodError) return `--cluster: ${z.prettifyError(error)}`;
  return error instanceof Error ? error.message : String(error);
}
