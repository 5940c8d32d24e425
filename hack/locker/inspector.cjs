/**
 * Preloaded into every process that `pepr dev` starts: opens the inspector of the module, and of nothing else. Pepr
 * restarts the module after each change; the port stays the same, 9229 or that of --inspect-port.
 */
const { isMainThread } = require("node:worker_threads");

if (process.env.PEPR_MODE === "dev" && isMainThread) {
  require("node:inspector").open(process.debugPort, "127.0.0.1");
}
