import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { hasProblems, helmRelease, isLocked, register } from "../hack/locker/helm-release";
import { becomes, byPatch, isRecreated, isReverted } from "./support/changes";
import { type Chart } from "./support/chart";
import { define, definition, definitionPath, version } from "./support/definitions";
import { WHEN_SERVED } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const GEESE = definitionPath("geese.pond.example.com");

const schema = {
  openAPIV3Schema: {
    type: "object",
    properties: {
      spec: {
        type: "object",
        properties: { colour: { type: "string" }, eggs: { type: "integer", default: 3 } },
      },
    },
  },
};

/** An irregular plural, and two served versions, of which the stored one is not the chart's. */
const crd = definition(
  "pond.example.com",
  "Goose",
  [version("v1", { schema }), version("v1alpha1", { storage: false, schema })],
  "geese",
);

function pond(goose: string): Chart {
  return {
    templates: {
      goose: {
        apiVersion: "pond.example.com/v1alpha1",
        kind: "Goose",
        metadata: { name: goose },
        spec: { colour: "grey" },
      },
      water: configMap(`${goose}-water`, { depth: "deep" }),
    },
  };
}

function goosePath(version: string, name: string): string {
  return `${collection(`pond.example.com/${version}`, "geese", NAMESPACE)}/${name}`;
}

describe("custom resources whose definition comes after the locker's start", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await define(room, crd);
    await room.install("lake", pond("akka"));
    await room.api.delete(GEESE);
    await until(room.api, GEESE, definition => definition === undefined);
  });
  after(() => room.close());

  it("leave the rest locked while their kind is not served, and are named", async () => {
    await register(room, helmRelease("lake"));
    assert.match(await hasProblems(room, "lake"), /kind Goose .* is not served/);
    const water = configMapPath(NAMESPACE, "akka-water");
    await isReverted(room, water, byPatch(room, water, { data: { depth: "dry" } }));
  });

  it("are made and locked as soon as it is served", async () => {
    await define(room, crd);
    await isLocked(room, "lake", WHEN_SERVED);
    const akka = goosePath("v1", "akka");
    await becomes(room, akka, goose => goose !== undefined);
    await isReverted(room, akka, byPatch(room, akka, { spec: { colour: "white" } }));
  });

  for (const version of ["v1alpha1", "v1"]) {
    it(`are put right after an edit made through ${version}`, async () => {
      const path = goosePath(version, "akka");
      await isReverted(room, path, byPatch(room, path, { spec: { colour: "black" } }));
    });
  }

  it("are made again when they are deleted", () => isRecreated(room, goosePath("v1alpha1", "akka")));
});
