import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { until } from "../hack/lib/watch";
import { ask, helmReleasePath, statusOf, untilStatus } from "../hack/locker/helm-release";
import { postSentinel, sentinelReverted } from "./support/changes";
import { memoryPath, toldIn } from "./support/memories";
import { untilHistory } from "./support/told";
import { NAMESPACE, Room } from "./support/room";
import { bringBack, driftOf, linesOf, toldByEvent, warn } from "./support/warned";

const login: Body = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "login" },
  stringData: { color: "blue" },
};
const settings = configMapPath(NAMESPACE, "settings");
const gone = configMapPath(NAMESPACE, "gone");
const secret = `${collection("v1", "secrets", NAMESPACE)}/login`;

/** How the objects are named, by their paths. */
const names = {
  [settings]: `ConfigMap ${NAMESPACE}/settings`,
  [gone]: `ConfigMap ${NAMESPACE}/gone`,
  [secret]: `Secret ${NAMESPACE}/login`,
};
const all = Object.values(names);

describe("what was told of drift that is only warned of", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    const templates = {
      settings: configMap("settings", { color: "blue" }),
      gone: configMap("gone", { color: "blue" }),
      login,
    };
    await room.install("web", { templates });
    await warn(room, "web");
    await driftOf(room, "web");
  });
  after(() => room.close());

  /** Ends the locker, does something, and starts another one, which then has looked at everything. */
  async function whileAway(end: "stop" | "kill", happens: () => Promise<unknown>): Promise<void> {
    await room.locker[end]();
    await happens();
    await room.startLocker();
    await sentinelReverted(room);
  }

  function told(message: string): Record<string, number> {
    const lines = all.map(object => [object, linesOf(room, message, object)] as const);
    return Object.fromEntries(lines.filter(([, count]) => count > 0));
  }

  it("is not told again by a locker that starts anew: neither in log and Events, nor in the history", async () => {
    await room.api.edit(`${settings}?fieldManager=alice`, { data: { color: "red" } });
    await room.api.edit(`${secret}?fieldManager=alice`, { stringData: { color: "red" } });
    await room.api.delete(gone);
    const drift = await driftOf(room, "web", ...all);
    const history = await untilHistory(room, "web", ({ length }) => length === all.length);
    const events = () => toldByEvent(room, "web", { reason: "Drifted", type: "Warning", object: "" });
    await untilSeen(async () => (await events()) === all.length, "an Event of each change");
    await until(room.api, memoryPath("web"), memory => toldIn(memory) === all.length);
    for (const end of ["kill", "stop"] as const) {
      await whileAway(end, () => Promise.resolve());
      assert.deepEqual(await driftOf(room, "web", ...all), drift);
      assert.deepEqual(told("drifted"), {});
    }
    await room.api.edit(helmReleasePath("web"), { metadata: { annotations: { note: "look" } } });
    await sentinelReverted(room);
    assert.deepEqual(await untilHistory(room, "web", () => true), history);
    assert.equal(await events(), all.length);
  });

  it("is told where something else was changed meanwhile, and where it is over", async () => {
    const before = await room.api.read(secret);
    await whileAway("stop", async () => {
      await room.api.edit(`${settings}?fieldManager=alice`, { data: { color: "green" } });
      await bringBack(room, secret, { ...before, data: { color: Buffer.from("blue").toString("base64") } });
    });
    await driftOf(room, "web", names[settings] ?? "", names[gone] ?? "");
    assert.deepEqual(told("drifted"), { [names[settings] ?? ""]: 1 });
    assert.deepEqual(told("no longer drifts"), { [names[secret] ?? ""]: 1 });
    assert.equal(
      await toldByEvent(room, "web", {
        reason: "DriftResolved",
        type: "Normal",
        object: names[secret] ?? "",
      }),
      1,
    );
  });

  it("shows no fields where none are to be recorded", async () => {
    await ask(room, "web", { driftDetection: { recordDiff: "None" } });
    await untilStatus(room, "web", ({ drift }) => drift.every(({ fields }) => fields.length === 0));
    const { drift, conditions } = statusOf(await room.api.read(helmReleasePath("web")));
    assert.deepEqual(drift.map(({ object }) => object).toSorted(), [names[gone], names[settings]]);
    const drifted = conditions.find(({ type }) => type === "Drifted");
    assert.match(drifted?.message ?? "", /settings differs \(changed by alice\)/);
    assert.doesNotMatch(JSON.stringify(conditions), /\/data/);
  });
});
