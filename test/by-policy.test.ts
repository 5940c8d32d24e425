import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { ROOT } from "../hack/lib/project";
import {
  helmRelease,
  helmReleasePath,
  isLocked,
  lock,
  register,
  REGISTRATION_NAMESPACE,
} from "../hack/locker/helm-release";
import { payloadOf } from "../hack/locker/release-record";
import { becomes, byPatch, isReverted, postSentinel, sentinelReverted, stands } from "./support/changes";
import { command } from "./support/command";
import { writeChart } from "./support/chart";
import { forge } from "./support/forged";
import {
  isDeployed,
  isMade,
  isUnmade,
  lockerPolicy,
  madeName,
  madePath,
  makePolicy,
  policyIs,
  policyPath,
  policySays,
} from "./support/locker-policies";
import { NAMESPACE, Room } from "./support/room";
import { makeTenant, toWrite } from "./support/tenant";

const owned = z.object({ ownerReferences: z.array(z.looseObject({})) });

const WARN: Body = { driftDetection: { mode: "warn" } };

const red = (room: Room, path: string) => byPatch(room, path, { data: { color: "red" } });

/** Names one release. */
const only = (release: string): Body => ({ names: [release] });

describe("releases that are locked by policy", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  after(() => room.close());

  /** The folder of a chart with one ConfigMap, for the helm that installs it elsewhere, or with flags. */
  function chartOf(name: string): Promise<string> {
    const templates = { settings: configMap(name, { color: "blue" }) };
    return writeChart(room.controlPlane.directory, name, { templates });
  }

  /** Runs something while there is a policy. */
  async function under<T>(policy: Body, work: () => Promise<T>): Promise<T> {
    const { metadata } = await makePolicy(room, policy);
    try {
      return await work();
    } finally {
      await room.api.delete(policyPath(metadata.name));
    }
  }

  for (const driver of ["secret", "configmap"])
    it(`are those whose Helm labels a policy asks for, with records in ${driver}s`, async () => {
      const release = `by-${driver}`;
      const folder = await chartOf(release);
      const upgrade = (...flags: string[]) =>
        room.controlPlane.helm4(
          ["upgrade", "--install", release, folder, "--namespace", NAMESPACE, ...flags],
          {
            env: { HELM_DRIVER: driver },
          },
        );
      await upgrade("--labels", "lock=true");
      const settings = configMapPath(NAMESPACE, release);
      await stands(room, settings, byPatch(room, settings, { data: { before: "red" } }));
      await makePolicy(room, lockerPolicy(driver, { selector: { matchLabels: { lock: "true" } } }));
      const made = await isMade(room, release, driver);
      const {
        ownerReferences: [owner],
      } = owned.parse(made.metadata);
      assert.partialDeepStrictEqual(owner, { kind: "HelmLockerPolicy", name: driver, controller: true });
      await isLocked(room, madeName(release));
      await isReverted(room, settings, red(room, settings));
      // What differed first was counted, and only once.
      const { differed } = await policySays(
        room,
        driver,
        ({ differed = 0, locked }) => differed > 0 && locked === 1,
      );
      assert.equal(differed, 1);
      await upgrade("--labels", "lock=null");
      await isUnmade(room, release);
      await stands(room, settings, red(room, settings));
      await room.api.delete(policyPath(driver));
    });

  it("come and go", async () => {
    await under(lockerPolicy("comers", { names: ["comer-*"], exclude: [{ name: "*-left" }] }), async () => {
      await policyIs(room, "comers", "Followed");
      await room.install("comer-1", { templates: { settings: configMap("comer-1", { color: "blue" }) } });
      await isMade(room, "comer-1", "comers");
      await room.install("comer-left", { templates: { settings: configMap("left", { color: "blue" }) } });
      await room.helm("uninstall", "comer-1");
      await isUnmade(room, "comer-1");
      assert.equal(await room.api.get(madePath("comer-left")), undefined);
      await policySays(room, "comers", ({ matched, locked }) => matched === 0 && locked === 0);
    });
  });

  it("follow the labels of their namespaces", async () => {
    const place = `${collection("v1", "namespaces")}/labelled`;
    await room.kubectl("create", "namespace", "labelled");
    await room.controlPlane.helm(["install", "web", await chartOf("web"), "--namespace", "labelled"]);
    const path = configMapPath("labelled", "web");
    const releases = {
      namespaceSelector: { matchExpressions: [{ key: "env", operator: "In", values: ["p", "q"] }] },
    };
    await under(lockerPolicy("production", releases), async () => {
      await policyIs(room, "production", "Followed");
      assert.equal(await room.api.get(madePath("web", "labelled")), undefined);
      await room.api.edit(place, { metadata: { labels: { env: "p" } } });
      await isMade(room, "web", "production", "labelled");
      await isLocked(room, madeName("web", "labelled"));
      await isReverted(room, path, red(room, path));
      await room.api.edit(place, { metadata: { labels: { env: null } } });
      await isUnmade(room, "web", "labelled");
      await stands(room, path, red(room, path));
    });
  });

  it("can opt out by a label, or by their namespace's annotation, only where the policy allows it", async () => {
    const mark = "helmreleases.cattle.io/lock";
    const place = `${collection("v1", "namespaces")}/${NAMESPACE}`;
    const { release } = await room.installFresh();
    const annotate = (value: string | null) =>
      room.api.edit(place, { metadata: { annotations: { [mark]: value } } });
    await annotate("false");
    await under(lockerPolicy("strict", only(release)), async () => {
      await isMade(room, release, "strict");
      await room.api.edit(policyPath("strict"), { spec: { allowOptOut: true } });
      await isUnmade(room, release);
      await annotate(null);
      await isMade(room, release, "strict");
      await room.helm("upgrade", release, await chartOf(release), "--labels", `${mark}=false`);
      await isUnmade(room, release);
    });
  });

  it("are locked by the policy with the highest priority, then the first name", async () => {
    const { release } = await room.installFresh();
    await makePolicy(room, lockerPolicy("low", only(release), { priority: -1, template: WARN }));
    await isMade(room, release, "low");
    await makePolicy(room, lockerPolicy("b", only(release)));
    await isMade(room, release, "b");
    await makePolicy(room, lockerPolicy("a", only(release)));
    const made = await isMade(room, release, "a");
    assert.equal(owned.parse(made.metadata).ownerReferences.length, 1);
    await policySays(room, "low", ({ matched }) => matched === 0);
    for (const [gone, next] of [
      ["a", "b"],
      ["b", "low"],
    ] as const) {
      await room.api.delete(policyPath(gone));
      await isMade(room, release, next);
    }
    assert.partialDeepStrictEqual(await room.api.read(madePath(release)), { spec: WARN });
    await room.api.delete(policyPath("low"));
    await isUnmade(room, release);
  });

  it("are left to a handmade HelmRelease, whatever its age", async () => {
    const { release } = await room.installFresh();
    await under(lockerPolicy("yielding", only(release), { template: WARN }), async () => {
      await isMade(room, release, "yielding");
      await lock(room, release);
      await isUnmade(room, release);
      await policySays(room, "yielding", ({ matched, locked }) => matched === 1 && locked === 0);
      await room.api.delete(helmReleasePath(release));
      await isMade(room, release, "yielding");
    });
  });

  it("stay suspended as people have asked for, whatever becomes of the template", async () => {
    const { release, settings } = await room.installFresh();
    await under(lockerPolicy("suspending", only(release)), async () => {
      await isMade(room, release, "suspending");
      await isLocked(room, madeName(release));
      await room.api.edit(madePath(release), { spec: { suspend: true, suspendReason: "a look" } });
      await stands(room, settings, red(room, settings));
      await room.api.edit(policyPath("suspending"), {
        spec: { template: { driftDetection: { additions: "Keep" } } },
      });
      await becomes(room, madePath(release), object => JSON.stringify(object?.spec).includes("Keep"));
      assert.partialDeepStrictEqual(await room.api.read(madePath(release)), {
        spec: { suspend: true, suspendReason: "a look" },
      });
      // What the template says is the policy's.
      await room.api.edit(madePath(release), { spec: { driftDetection: { mode: "disabled" } } });
      await becomes(room, madePath(release), object => JSON.stringify(object?.spec).includes("enabled"));
      await stands(room, settings, byPatch(room, settings, { data: { color: "green" } }));
    });
  });

  it("are unlocked with their policy, and locked again when only their HelmRelease is deleted", async () => {
    const { release, settings } = await room.installFresh();
    await under(lockerPolicy("lasting", only(release)), async () => {
      const { metadata } = await isMade(room, release, "lasting");
      await room.api.delete(madePath(release));
      await becomes(
        room,
        madePath(release),
        object => object !== undefined && object.metadata.uid !== metadata.uid,
      );
      await isLocked(room, madeName(release));
      await isReverted(room, settings, red(room, settings));
    });
    await isUnmade(room, release);
    await stands(room, settings, red(room, settings));
  });

  it("are unlocked by the command only where no policy holds them, and it says which one does", async () => {
    const { release } = await room.installFresh();
    await under(lockerPolicy("holding", only(release)), async () => {
      await isMade(room, release, "holding");
      const { stderr, code } = await command(room.controlPlane, "unlock", release, "--namespace", NAMESPACE);
      assert.match(stderr, /HelmLockerPolicy holding/);
      assert.equal(code, 1);
      assert.ok(await room.api.get(madePath(release)));
    });
  });

  it("are none of another controller's policy", async () => {
    const { release } = await room.installFresh();
    const policy = lockerPolicy("foreign", only(release));
    const annotations = { "helmreleases.cattle.io/managed-by": "another" };
    await under({ ...policy, metadata: { name: "foreign", annotations } }, async () => {
      await sentinelReverted(room);
      assert.equal(await room.api.get(madePath(release)), undefined);
    });
  });

  it("are only by their name those that GitOps manages", async () => {
    const marks = { labels: { "helm.toolkit.fluxcd.io/name": "flux-web" } };
    await room.install("ops-flux", {
      templates: { settings: configMap("ops-flux", { color: "blue" }, marks) },
    });
    await room.install("ops-argo", { templates: { settings: configMap("ops-argo", { color: "blue" }) } });
    const annotations = { "argocd.argoproj.io/tracking-id": "web:/ConfigMap:shop/ops-argo" };
    await room.api.edit(configMapPath(NAMESPACE, "ops-argo"), { metadata: { annotations } });
    const bundle = { annotations: { "objectset.rio.cattle.io/id": "default-ops" } };
    await room.install("ops-fleet", {
      templates: { settings: configMap("ops-fleet", { color: "blue" }, bundle) },
    });
    await room.install("ops-hand", { templates: { settings: configMap("ops-hand", { color: "blue" }) } });
    const managed = ["ops-flux", "ops-argo", "ops-fleet"];
    await under(lockerPolicy("wide", { names: ["ops-*"] }), async () => {
      await isMade(room, "ops-hand", "wide");
      await policySays(room, "wide", ({ matched }) => matched === 1);
      for (const release of managed) assert.equal(await room.api.get(madePath(release)), undefined);
      await under(lockerPolicy("named", { names: managed }), async () => {
        for (const release of managed) await isMade(room, release, "named");
      });
      await isUnmade(room, "ops-flux");
    });
  });

  it("stay as they are when their policy can no longer be followed", async () => {
    const { release, settings } = await room.installFresh();
    const other = await room.installFresh();
    await under(lockerPolicy("broken", only(release)), async () => {
      await isMade(room, release, "broken");
      await isLocked(room, madeName(release));
      const names = [release, other.release];
      await room.api.edit(policyPath("broken"), {
        spec: { releases: { names, selector: { matchLabels: { "a b": "c" } } } },
      });
      assert.match(await policyIs(room, "broken", "InvalidSpec"), /"a b" can't be the key of a label/);
      await isReverted(room, settings, red(room, settings));
      assert.equal(await room.api.get(madePath(other.release)), undefined);
      await room.api.edit(policyPath("broken"), { spec: { releases: { selector: null } } });
      await isMade(room, other.release, "broken");
    });
  });

  const refused: [what: string, spec: Body, message: RegExp][] = [
    ["says no mode", { template: { driftDetection: {} } }, /mode: Required value/],
    ["has no template", { template: undefined }, /template: Required value/],
    [
      "allows creates",
      { template: { driftDetection: { mode: "warn", allowCreate: false } } },
      /can't allow creates/,
    ],
    [
      "asks for values of nothing",
      { releases: { selector: { matchExpressions: [{ key: "a", operator: "In" }] } } },
      /In and NotIn need values/,
    ],
    ["excludes nothing", { releases: { exclude: [{}] } }, /name a namespace, or a release/],
    ["has a name that none can be like", { releases: { names: ["A_B"] } }, /names\[0\]/],
    [
      "asks for a value that no label has",
      { releases: { selector: { matchLabels: { a: "b c" } } } },
      /matchLabels/,
    ],
    [
      "suspends until a time, but does not suspend",
      { template: { ...WARN, suspendUntil: "2030-01-01T00:00:00Z" } },
      /suspendUntil needs suspend/,
    ],
  ];
  for (const [what, spec, message] of refused)
    it(`are none of a policy that ${what}: the API server refuses it`, async () => {
      await assert.rejects(makePolicy(room, lockerPolicy("refused", {}, spec)), message);
    });

  it("are none of a policy with too long a name", async () => {
    await assert.rejects(makePolicy(room, lockerPolicy("a".repeat(64), {})), /at most 63 characters/);
  });

  it("are none of a policy that nothing can match, and it says so", async () => {
    const releases = { exclude: [{ name: "*" }] };
    await under(lockerPolicy("vain", releases), async () => {
      assert.match(await policyIs(room, "vain", "MatchesNothing"), /takes away all/);
    });
  });

  it("gain a tenant who forges a record nothing, but for what a ServiceAccount of the template may", async () => {
    const release = "forged";
    const mine = configMapPath(NAMESPACE, "forged");
    const theirs = configMapPath(NAMESPACE, "theirs");
    const labels = { "app.kubernetes.io/managed-by": "Helm" };
    await room.api.create(
      collection("v1", "configmaps", NAMESPACE),
      configMap("theirs", { color: "blue" }, { labels }),
    );
    const role = {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: release },
      rules: [],
    };
    const objects = [configMap("forged", { color: "red" }), configMap("theirs", { color: "red" }), role];
    const manifest = objects.map(object => `---\n${JSON.stringify(object)}\n`).join("");
    await makeTenant(room, "bounded", toWrite("configmaps"));
    await under(lockerPolicy("all-of-shop", { names: ["forged*"] }), async () => {
      await forge(room, { release, payload: payloadOf(release, 1, manifest) });
      await isMade(room, release, "all-of-shop");
      await isDeployed(room, release);
      await sentinelReverted(room);
      assert.equal(await room.api.get(mine), undefined);
      assert.equal(
        await room.api.get(`${collection(role.apiVersion, "clusterroles")}/${release}`),
        undefined,
      );
      assert.partialDeepStrictEqual(await room.api.read(theirs), { data: { color: "blue" } });
      await room.api.edit(policyPath("all-of-shop"), {
        spec: { template: { serviceAccountName: "bounded" } },
      });
      await becomes(room, mine, object => object !== undefined);
      await becomes(room, theirs, object => dataOf(object).color === "red");
    });
  });

  it("stay locked through a restart, and are unlocked if their policy was deleted meanwhile", async () => {
    const [kept, gone] = [await room.installFresh(), await room.installFresh()];
    await under(lockerPolicy("kept", only(kept.release)), async () => {
      const { metadata } = await isMade(room, kept.release, "kept");
      await makePolicy(room, lockerPolicy("gone", only(gone.release)));
      await isMade(room, gone.release, "gone");
      assert.equal(await room.stopLocker(), 0);
      await room.api.delete(policyPath("gone"));
      await room.startLocker();
      await isUnmade(room, gone.release);
      await isLocked(room, madeName(kept.release));
      await isReverted(room, kept.settings, red(room, kept.settings));
      assert.equal((await room.api.read(madePath(kept.release))).metadata.uid, metadata.uid);
    });
  });

  it("are only by its name the locker's own", async () => {
    const [other, own] = [await room.installFresh(), await room.installFresh()];
    await room.stopLocker();
    await room.startLocker({ env: { HELM_LOCKER_RELEASE: `${NAMESPACE}/${own.release}` } });
    await under(lockerPolicy("both", { names: ["web-*"] }), async () => {
      await isMade(room, other.release, "both");
      await policySays(room, "both", ({ conditions }) => conditions.length > 0);
      assert.equal(await room.api.get(madePath(own.release)), undefined);
      await under(lockerPolicy("itself", only(own.release)), () => isMade(room, own.release, "itself"));
    });
    await room.stopLocker();
    await room.startLocker();
  });

  it("are those of the example in docs/lock-by-rule.md", async () => {
    const text = await readFile(join(ROOT, "docs", "lock-by-rule.md"), "utf8");
    const [, example = ""] = /```yaml\n(.*?)```/s.exec(text) ?? [];
    await room.controlPlane.kubectl(["apply", "-f", "-"], { input: example });
    await room.kubectl("create", "namespace", "example");
    await room.kubectl("label", "namespace", "example", "env=production");
    const install = async (release: string) =>
      room.controlPlane.helm([
        ...["install", release, await chartOf(release), "--namespace", "example"],
        ...["--labels", "lock=true"],
      ]);
    await install("web");
    await install("test-web");
    const made = await isMade(room, "web", "production", "example");
    assert.partialDeepStrictEqual(made, { spec: WARN });
    assert.equal(await room.api.get(madePath("test-web", "example")), undefined);
    const listed = await room.kubectl("get", "hlp", "--namespace", REGISTRATION_NAMESPACE);
    assert.match(listed, /NAME +PRIORITY +MODE +MATCHED +LOCKED +READY +AGE\nproduction +100 +warn/);
    await room.api.delete(policyPath("production"));
    await isUnmade(room, "web", "example");
  });

  it("that a handmade HelmRelease could have locked are made anew as before", async () => {
    const release = "handmade";
    const manifest = `---\n${JSON.stringify(configMap(release, { color: "blue" }))}\n`;
    await forge(room, { release, payload: payloadOf(release, 1, manifest) });
    await register(room, helmRelease(release));
    await becomes(room, configMapPath(NAMESPACE, release), object => object !== undefined);
  });
});
