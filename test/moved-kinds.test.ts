import { after, before, describe, it } from "node:test";
import { collection, configMap, type Body } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { becomes, byPatch, isReverted } from "./support/changes";
import type { Chart } from "./support/chart";
import { define, definition, definitionPath, version } from "./support/definitions";
import { WHEN_SERVED } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const GROUP = "boats.example.com";

/** A chart with a custom resource of a group of its own. */
function harbour(group: string): Chart {
  const boat = { apiVersion: `${group}/v1`, kind: "Boat", metadata: { name: "fram" }, spec: { sails: 3 } };
  return { templates: { boat, water: configMap(`${group}-water`, { depth: "deep" }) } };
}

const clusterScoped = (body: Body): Body => ({ ...body, spec: { ...Object(body.spec), scope: "Cluster" } });

/** How the definition is made anew, and where the boat is then. */
const moves: Record<string, [definition: (group: string) => Body, path: (group: string) => string]> = {
  plural: [
    group => definition(group, "Boat", [version("v1")], "vessels"),
    group => `${collection(`${group}/v1`, "vessels", NAMESPACE)}/fram`,
  ],
  scope: [
    group => clusterScoped(definition(group, "Boat", [version("v1")])),
    group => `${collection(`${group}/v1`, "boats")}/fram`,
  ],
  "storage version": [
    group => definition(group, "Boat", [version("v1", { storage: false }), version("v2")]),
    group => `${collection(`${group}/v1`, "boats", NAMESPACE)}/fram`,
  ],
};

describe("a definition that is deleted and made anew", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
  });
  after(() => room.close());

  Object.entries(moves).forEach(([what, [anew, path]], index) => {
    it(`with another ${what}, is followed without a restart`, async () => {
      const group = `${"abc"[index]}.${GROUP}`;
      const release = `harbour-${index}`;
      await define(room, definition(group, "Boat"));
      await room.install(release, harbour(group));
      await lock(room, release);
      const old = definitionPath(`boats.${group}`);
      await room.api.delete(old);
      await until(room.api, old, now => now === undefined);
      await hasProblems(room, release, said => said.includes("Boat"), WHEN_SERVED);
      await define(room, anew(group));
      if (what === "scope") {
        // A record alone is no reason to create what reaches beyond the release's namespace.
        await hasProblems(room, release, said => said.includes("Boat fram: "), WHEN_SERVED);
        await room.install(release, harbour(group));
      }
      await becomes(room, path(group), now => now !== undefined, WHEN_SERVED);
      await isLocked(room, release, WHEN_SERVED);
      await isReverted(room, path(group), byPatch(room, path(group), { spec: { sails: 9 } }));
    });
  });
});
