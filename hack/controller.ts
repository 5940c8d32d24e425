import { task } from "./lib/task";
import { ensurePrerequisites, registrationNamespace } from "./locker/prerequisites";
import { becomeRuntime } from "./locker/runtime";

/** Runs the locker in the foreground against `$KUBECONFIG`. Standard output contains only its log. */
task(async () => {
  await ensurePrerequisites(registrationNamespace());
  return becomeRuntime();
});
