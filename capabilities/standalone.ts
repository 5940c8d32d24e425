import { PeprModule } from "pepr";
import cfg from "../package.json";
import { ensurePeprStore } from "./cluster/pepr-store";
import { HelmLocker, locker } from "./helm-locker";

/** The module as one process of its own: the runtime that `pepr.ts` starts in Pepr's image, and an end that is in order. */
const port = Number(process.env.PORT ?? 3000);

endInOrder();
void ensurePeprStore().then(() => {
  new PeprModule(cfg, [HelmLocker], { deferStart: true }).start(port);
  // Pepr would end with 143 in the midst of a write.
  endInOrder();
});

function endInOrder(): void {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.removeAllListeners(signal);
    process.once(signal, () => {
      void locker?.stop().finally(() => process.exit(0));
    });
  }
}
