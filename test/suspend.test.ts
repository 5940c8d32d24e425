import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { configMap, configMapPath, dataOf, type Body, type KubeObject } from "../hack/lib/objects";
import {
  ask,
  hasEvent,
  helmReleasePath,
  isAtRest,
  isLocked,
  lock,
  register,
  helmRelease,
  untilStatus,
} from "../hack/locker/helm-release";
import { becomes, byPatch, isReverted, postSentinel, stands, staysAway } from "./support/changes";
import { AFTER_OUTAGE, REVERT } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

/** How soon after its end a suspension is over at the latest: the clock is looked at every 5 s. */
const END = 5_000;

/** How far ahead a suspension ends in these tests, in milliseconds. */
const SOON = 3_000;

describe("a lock that is suspended", () => {
  let room: Room;
  let release: string;
  let settings: string;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  beforeEach(async () => {
    ({ release, settings } = await room.installFresh());
    await lock(room, release);
  });
  after(() => room.close());

  it("writes nothing, says why, and puts everything right when it is resumed", async () => {
    const gone = configMapPath(NAMESPACE, `${release}-gone`);
    await room.install(release, { templates: both(release) });
    await isLocked(room, release);
    await ask(room, release, { suspend: true, suspendReason: "INC-4711" });
    const { mode, conditions } = await isAtRest(room, release, "Suspended");
    assert.equal(mode, "suspended");
    const suspended = conditions.find(({ type }) => type === "Suspended");
    assert.deepEqual([suspended?.status, suspended?.reason], ["True", "Suspended"]);
    assert.match(suspended?.message ?? "", /INC-4711/);
    await hasEvent(room, release, "Suspended");
    await stands(room, settings, recolor("red"));
    await room.api.delete(gone);
    await staysAway(room, gone);
    await ask(room, release, { suspend: false, suspendReason: null });
    await becomes(room, settings, colored("blue"));
    await becomes(room, gone, now => now !== undefined);
    const { conditions: later } = await isLocked(room, release);
    assert.equal(
      later.find(({ type }) => type === "Suspended"),
      undefined,
    );
  });

  it("that is suspended and upgraded meanwhile goes on with what Helm has made", async () => {
    await ask(room, release, { suspend: true });
    await isAtRest(room, release, "Suspended");
    await room.install(release, { templates: { settings: configMap(release, { color: "green" }) } });
    await stands(room, settings, recolor("red"));
    await ask(room, release, { suspend: null });
    await becomes(room, settings, colored("green"));
  });

  it("is locked again at the end that it was given", async () => {
    await ask(room, release, { suspend: true, suspendUntil: soon() });
    await isAtRest(room, release, "Suspended");
    await room.api.edit(settings, { data: { color: "red" } });
    await becomes(room, settings, colored("blue"), SOON + END + REVERT);
    await isLocked(room, release);
  });

  it("is not suspended where the end has passed already", async () => {
    await ask(room, release, { suspend: true, suspendUntil: "2024-02-29T12:00:00.5+01:00" });
    await isLocked(room, release);
    await isReverted(room, settings, recolor("red"));
  });

  it("for longer than a timer can run stays suspended", async () => {
    const end = new Date(Date.now() + 60 * 24 * 3_600_000).toISOString();
    await ask(room, release, { suspend: true, suspendUntil: end });
    await isAtRest(room, release, "Suspended");
    await stands(room, settings, recolor("red"));
  });

  it("is given another end, and then none", async () => {
    await ask(room, release, { suspend: true, suspendUntil: soon(60_000) });
    await isAtRest(room, release, "Suspended");
    await ask(room, release, { suspend: true, suspendUntil: soon() });
    await room.api.edit(settings, { data: { color: "red" } });
    await becomes(room, settings, colored("blue"), SOON + END + REVERT);
    await ask(room, release, { suspend: true, suspendUntil: null });
    await isAtRest(room, release, "Suspended");
    await stands(room, settings, recolor("red"));
  });

  it("is locked again though no locker ran at its end", async () => {
    await ask(room, release, { suspend: true, suspendUntil: soon() });
    await isAtRest(room, release, "Suspended");
    assert.equal(await room.stopLocker(), 0);
    await room.api.edit(settings, { data: { color: "red" } });
    await room.startLocker();
    await becomes(room, settings, colored("blue"), SOON + END + REVERT);
  });

  it("stays suspended though the locker starts anew", async () => {
    await ask(room, release, { suspend: true });
    await isAtRest(room, release, "Suspended");
    assert.equal(await room.stopLocker(), 0);
    await room.api.edit(settings, { data: { color: "red" } });
    await room.startLocker();
    await stands(room, settings, recolor("yellow"));
  });

  it("is locked again though the API server was away at its end", async () => {
    await ask(room, release, { suspend: true, suspendUntil: soon(SOON) });
    await isAtRest(room, release, "Suspended");
    await room.api.edit(settings, { data: { color: "red" } });
    await room.controlPlane.stopApiServer();
    await new Promise(resolve => setTimeout(resolve, SOON + END));
    await room.controlPlane.startApiServer();
    await becomes(room, settings, colored("blue"), AFTER_OUTAGE);
    await isLocked(room, release);
  });

  it("that is disabled watches nothing, and brings back later what was deleted meanwhile", async () => {
    await ask(room, release, { driftDetection: { mode: "disabled" } });
    const { mode, conditions } = await isAtRest(room, release, "Disabled");
    assert.equal(mode, "disabled");
    assert.deepEqual(conditions.map(({ type }) => type).toSorted(), ["Locked", "Ready"]);
    await room.api.delete(settings);
    await staysAway(room, settings);
    await ask(room, release, { driftDetection: null });
    await becomes(room, settings, colored("blue"));
    await isLocked(room, release);
    await isReverted(room, settings, recolor("red"));
  });

  it("follows the policy of its oldest HelmRelease, and the others say so", async () => {
    const other = `${release}-other`;
    await register(room, helmRelease(other, { release, spec: { suspend: true } }));
    const policyOfAnother = await untilReason(other, "PolicyOfAnother");
    assert.match(policyOfAnother, new RegExp(`HelmRelease ${release} `));
    await isReverted(room, settings, recolor("red"));
    await room.api.delete(helmReleasePath(release));
    await isAtRest(room, other, "Suspended");
    await stands(room, settings, recolor("red"));
  });

  function recolor(color: string): () => Promise<unknown> {
    return byPatch(room, settings, { data: { color } });
  }

  async function untilReason(name: string, reason: string): Promise<string> {
    const { conditions } = await untilStatus(room, name, seen =>
      seen.conditions.some(one => one.type === "Ready" && one.reason === reason),
    );
    return conditions.find(({ type }) => type === "Ready")?.message ?? "";
  }
});

function both(release: string): Record<string, Body> {
  return {
    settings: configMap(release, { color: "blue" }),
    gone: configMap(`${release}-gone`, { color: "blue" }),
  };
}

function colored(color: string) {
  return (object: KubeObject | undefined): boolean => object !== undefined && dataOf(object).color === color;
}

function soon(milliseconds = SOON): string {
  return new Date(Date.now() + milliseconds).toISOString();
}
