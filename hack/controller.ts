import { foreground, supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { ensurePrerequisites, registrationNamespace } from "./locker/prerequisites";
import { spawnRuntime } from "./locker/runtime";

/** Runs the locker in the foreground against `$KUBECONFIG`. Standard output contains only its log. */
task(() =>
  supervised("helm-locker", async supervisor => {
    await ensurePrerequisites(registrationNamespace());
    return foreground(await spawnRuntime(supervisor, {}, ["ignore", "inherit", "inherit"]));
  }),
);
