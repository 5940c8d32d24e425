import { after, before, describe, it } from "node:test";
import { define } from "./support/definitions";
import { widgetDefinition, type Version } from "./support/drifts";
import { Room } from "./support/room";
import { Twins, type Helm } from "./support/twins";

const helm3: Helm = { version: "helm" };
const helm4: Helm = { version: "helm4" };
const onConfigMaps: Helm = { version: "helm4", env: { HELM_DRIVER: "configmap" } };

const blue: Version = { color: "blue", size: "small", isWhole: true };
const green: Version = { ...blue, color: "green" };
const unsized: Version = { color: "green", isWhole: true };
const part: Version = { color: "green", isWhole: false };

/** Which Helm installs a release and which one does the rest, after upgrades with the given flags. */
interface Way {
  install: Helm;
  flags?: string[];
  helm: Helm;
  upgrades?: string[];
}

const ways: Record<string, Way> = {
  "helm-3": { install: helm3, helm: helm3 },
  "helm-4-server-side": { install: helm4, helm: helm4, flags: ["--server-side=true"] },
  "helm-4-client-side": { install: helm4, helm: helm4, flags: ["--server-side=false"] },
  "helm-3-then-4": {
    install: helm3,
    helm: helm4,
    upgrades: ["--server-side=auto", "--server-side=true"],
  },
  "helm-4-on-configmaps": { install: onConfigMaps, helm: onConfigMaps },
};

describe(
  "Helm's operations on a release whose every object was changed and reverted before each",
  { concurrency: true },
  () => {
    let room: Room;
    before(async () => {
      room = await Room.open();
      await define(room, widgetDefinition);
    });
    after(() => room.close());

    for (const [namespace, { install, flags = [], helm, upgrades = [] }] of Object.entries(ways)) {
      describe(namespace, { concurrency: 1 }, () => {
        let twins: Twins;
        before(async () => {
          twins = new Twins(room, namespace);
          await twins.install(install, blue, flags);
        });

        for (const flag of upgrades) {
          leaves(`an upgrade with ${flag}`, blue, () => twins.upgrade(helm, blue, [flag]));
        }
        leaves("an upgrade with the same values", blue, () => twins.upgrade(helm, blue));
        leaves("an upgrade with a changed value", blue, () => twins.upgrade(helm, green));
        leaves("an upgrade without a field", green, () => twins.upgrade(helm, unsized));
        leaves("an upgrade without some objects", unsized, () => twins.upgrade(helm, part));
        leaves("a rollback", part, () => twins.rollback(helm, 1));
        leaves("a test", blue, () => twins.test(helm));
        leaves("an uninstall", blue, () => twins.uninstall(helm));

        function leaves(operation: string, version: Version, run: () => Promise<void>): void {
          it(`${operation} leaves what it leaves of an untouched twin`, async () => {
            await twins.drift(version);
            await twins.areEqual();
            await run();
            await twins.areEqual();
          });
        }
      });
    }
  },
);
