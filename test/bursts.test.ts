import { after, before, describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import {
  collection,
  configMap,
  configMapPath,
  dataOf,
  type Body,
  type KubeObject,
} from "../hack/lib/objects";
import { Watch } from "../hack/lib/watch";
import { lock } from "../hack/locker/helm-release";
import { ANSWER_DELAY } from "../hack/lib/answer-delay";
import { NAMESPACE, Room } from "./support/room";

const names = Array.from({ length: 10 }, (_, index) => `page-${index}`);
const desired = { title: "Welcome" };

/** Of ten edits each; fewer where a round takes seconds. */
const ROUNDS = ANSWER_DELAY === 0 ? 30 : 5;
const TURNS = ANSWER_DELAY === 0 ? 20 : 5;

describe("bursts of edits", () => {
  let room: Room;
  let pages: Watch;
  before(async () => {
    room = await Room.open();
    const templates: Record<string, Body> = {};
    for (const name of names) templates[name] = configMap(name, desired);
    await room.install("web", { templates });
    await lock(room, "web");
    pages = await Watch.open(room.api, collection("v1", "configmaps", NAMESPACE));
  });
  after(async () => {
    pages.close();
    await room.close();
  });

  it("restores 10 objects edited a few milliseconds apart, again and again", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const edited: KubeObject[] = [];
      for (const name of names) edited.push(await edit(name, round));
      await areRestored(edited);
    }
  });

  it("restores one object edited 20 times back to back", async () => {
    let last = await edit("page-0", 0);
    for (let count = 1; count < 20; count += 1) last = await edit("page-0", count);
    await areRestored([last]);
  });

  it("restores an object edited at the very moment another's revert is seen, again and again", async () => {
    for (let round = 0; round < TURNS; round += 1) {
      await areRestored([await edit(`page-${round % 10}`, round)]);
      await areRestored([await edit(`page-${(round + 1) % 10}`, round)]);
    }
  });

  async function edit(name: string, count: number): Promise<KubeObject> {
    return room.api.edit(configMapPath(NAMESPACE, name), { data: { title: `Edit ${count}` } });
  }

  /** Waits until each of these objects is right, and was written again after the edit that left it in this state. */
  async function areRestored(edited: KubeObject[]): Promise<void> {
    await pages.until(
      objects =>
        edited.every(({ metadata }) => {
          const now = objects.get(metadata.name);
          return isDeepStrictEqual(dataOf(now), desired) && isLater(now, metadata.resourceVersion);
        }),
      "the revert of every edit",
    );
  }
});

/** Whether a state is later than another; resourceVersions of one kind compare as numbers (KEP-5504). */
function isLater(object: KubeObject | undefined, resourceVersion: string): boolean {
  return object !== undefined && BigInt(object.metadata.resourceVersion) > BigInt(resourceVersion);
}
