import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { after, before, describe, it, type TestContext } from "node:test";
import { duration, percentile } from "../hack/bench/statistics";
import { edit, revert } from "../hack/bench/drift";
import { ANSWER_DELAY } from "../hack/lib/answer-delay";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { Watch } from "../hack/lib/watch";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { HangingWebhook } from "./support/hanging-webhook";
import { becomes, byPatch, isReverted } from "./support/changes";
import { AFTER_REFUSAL, REVERT } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

/** What is measured of the release beside: how many reverts, with milliseconds of rest between them. */
const REVERTS = ANSWER_DELAY === 0 ? 120 : 16;
const PAUSE = 80;

/** How much slower they may be while another release's writes hang. */
const MOST = 2;

/** How much slower the machine itself may become, as far as that is an excuse. */
const SLOWEST = 3;

/** What a machine with two cores may add by itself, in milliseconds. */
const NOISE = 15;

const victims = Array.from({ length: 20 }, (_, index) => `victim-${index}`);
const others = Array.from({ length: 5 }, (_, index) => `other-${index}`);

/** Milliseconds of each, and what 99 of a hundred stay under. */
interface Latencies {
  reverts: number[];
  writes: number[];
}
type P99 = Record<keyof Latencies, number>;

function chart(names: readonly string[], labels: Body) {
  return {
    templates: Object.fromEntries(
      names.map(name => [name, configMap(name, { color: "blue" }, { labels })] as const),
    ),
  };
}

describe("a webhook that hangs", () => {
  let room: Room;
  let watch: Watch;
  let webhook: HangingWebhook | undefined;
  before(async () => {
    room = await Room.open();
    await room.install("hung", {
      templates: { ...chart(victims, { hangs: "yes" }).templates, ...chart(["spared"], {}).templates },
    });
    await room.install("beside", chart(others, {}));
    await room.install("late", chart(["late"], {}));
    for (const name of ["hung", "beside"]) await lock(room, name);
    await room.api.create(collection("v1", "configmaps", NAMESPACE), configMap("free", {}));
    watch = await Watch.open(room.api, collection("v1", "configmaps", NAMESPACE));
  });
  after(async () => {
    watch.close();
    await webhook?.close();
    await room.close();
  });

  /** How long reverts of the release beside take, and writes to an object that nobody has locked. */
  async function latencies(rounds = REVERTS): Promise<Latencies> {
    const reverts: number[] = [];
    const writes: number[] = [];
    for (let count = 0; count < rounds; count++) {
      await delay(PAUSE);
      reverts.push(await revert(room, watch, others[count % others.length] ?? ""));
      const begun = performance.now();
      await edit(room, "free");
      writes.push(performance.now() - begun);
    }
    return { reverts, writes };
  }

  function figures(context: TestContext, what: string, { reverts, writes }: Latencies): P99 {
    const p99 = { reverts: percentile(reverts, 0.99), writes: percentile(writes, 0.99) };
    context.diagnostic(
      `${what}: p50 ${duration(percentile(reverts, 0.5))}, p99 ${duration(p99.reverts)}, max ${duration(Math.max(...reverts))}; writes: p99 ${duration(p99.writes)}`,
    );
    return p99;
  }

  it("delays no other release", async context => {
    await latencies(REVERTS / 4);
    const without = figures(context, "reverts without it", await latencies());
    webhook = await HangingWebhook.open(room, "hangs");
    await Promise.all(victims.map(name => edit(room, name)));
    await webhook.called();
    const onset = figures(context, "reverts beside its victims", await latencies());
    const later = figures(context, "reverts beside its victims, later", await latencies());
    for (const { reverts, writes } of [onset, later]) {
      const slowness = Math.min(Math.max(1, writes / without.writes), SLOWEST);
      const bound = MOST * without.reverts * slowness + NOISE;
      assert.ok(
        reverts <= bound,
        `${duration(reverts)} instead of ${duration(without.reverts)}, where writes take ${slowness.toFixed(1)} times as long`,
      );
    }
  });

  it("delays no new HelmRelease", async () => {
    await lock(room, "late", {}, REVERT);
  });

  it("delays nothing else of the release", async () => {
    const path = configMapPath(NAMESPACE, "spared");
    await isReverted(room, path, byPatch(room, path, { data: { color: "red" } }));
  });

  it("is told of, of the release that it is about", async () => {
    assert.match(
      await hasProblems(room, "hung"),
      /ConfigMap shop\/victim-\d+: .*failed calling webhook "hangs\.example\.com"/,
    );
    await isLocked(room, "beside");
  });

  it("is asked less and less often, and all is right soon after its end", async () => {
    await webhook?.close();
    webhook = undefined;
    for (const name of victims)
      await becomes(
        room,
        configMapPath(NAMESPACE, name),
        now => dataOf(now).color === "blue",
        AFTER_REFUSAL + 10_000,
      );
    await isLocked(room, "hung");
  });
});
