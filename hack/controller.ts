import { ensureCluster, registrationNamespace } from "./cluster";
import { spawnRuntime } from "./runtime";
import { foreground, supervised } from "./supervisor";
import { task } from "./task";

/** Runs the locker in the foreground against `$KUBECONFIG`. Standard output carries its log and nothing else. */
task(() =>
  supervised("helm-locker", async supervisor => {
    await ensureCluster(registrationNamespace());
    return foreground(await spawnRuntime(supervisor, {}, ["ignore", "inherit", "inherit"]));
  }),
);
