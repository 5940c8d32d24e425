import { PeprModule } from "pepr";
import { HelmLocker } from "./capabilities/helm-locker";
import cfg from "./package.json";

new PeprModule(cfg, [HelmLocker]);
