import { metricsCollector, PeprModule } from "pepr";
import cfg from "../../package.json";
import { HelmLocker, locker, log } from "../helm-locker";
import { troubled } from "../report/log";
import { endpoints } from "./endpoints";
import { ensurePeprStore } from "./pepr-store";

/**
 * The module as a single process: the runtime that `pepr.ts` starts in Pepr's image, without its web server, which
 * would need a certificate, reports ready at once and exits in the middle of a write.
 */

/** How long an orderly shutdown may take, in milliseconds: an API server that does not answer must not delay it. */
const END_DEADLINE = 1_500;

/**
 * How long the process rests before it exits, in milliseconds. A compilation in the background may wait for the main thread to collect
 * garbage; the exit waits for the compilation, and collects none: seen once, in thousands of ends, with Node.js 24.
 */
const REST = 100;

let isEnding = false;

// Ctrl-C in a terminal comes twice where npm hands it on, too.
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.on(signal, () => {
    if (isEnding) return;
    isEnding = true;
    setTimeout(() => process.exit(0), END_DEADLINE);
    void Promise.resolve(locker?.stop()).finally(() => setTimeout(() => process.exit(0), REST));
  });
}

endpoints({
  isReady: () => locker?.isReady ?? false,
  metrics: () => metricsCollector.getMetrics(),
})
  .on("error", error => {
    process.stderr.write(`can't serve probes and metrics (set PORT and HOST): ${error.message}\n`);
    process.exit(1);
  })
  .listen(Number(process.env.PORT ?? 3000), process.env.HOST);

void ensurePeprStore(error => {
  troubled(log, "waiting for the store of Pepr's runtime", {}, { error });
}).then(() => new PeprModule(cfg, [HelmLocker], { deferStart: true }));
