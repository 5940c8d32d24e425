import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body, type KubeObject } from "../hack/lib/objects";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { becomes } from "./support/changes";
import { deployment } from "./support/chart";
import { command, shownDrift } from "./support/command";
import { ownersOf, type Owner } from "./support/owners";
import { allow, deny } from "./support/policy";
import { NAMESPACE, Room } from "./support/room";
import { untilHistory } from "./support/told";

const chart = {
  templates: {
    sealed: configMap("sealed", { color: "blue", size: "big" }),
    web: deployment("web", {}, { minReadySeconds: 3 }),
    ports: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "ports" },
      spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
    },
  },
};

const sealed = configMapPath(NAMESPACE, "sealed");
const web = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;

const denial = {
  name: "frozen",
  apiGroup: "apps",
  resource: "deployments",
  validation: "object.spec.minReadySeconds != 3",
  message: "three seconds are not enough",
  probe: { object: "deployment/web", patch: { spec: { minReadySeconds: 3, progressDeadlineSeconds: 77 } } },
};

/** Refuses a port that is the chart's, for a while. */
const closed = {
  name: "closed",
  apiGroup: "",
  resource: "services",
  validation: "object.spec.ports[0].port != 80",
  message: "no port is open",
  probe: { object: "service/ports", patch: { metadata: { labels: { probe: "1" } } } },
};

const REFUSED = "not possible: the API server refuses it";

/** Objects of which a change, with additions beside it, can't be put right. */
const cases: Record<string, { path: string; change: Body; fields: string[]; words: RegExp }> = {
  "an object that was sealed": {
    path: sealed,
    change: { data: { color: "red", extra: "1" }, immutable: true },
    fields: ["/data/color", "/data/extra", "/immutable"],
    words: /ConfigMap shop\/sealed: .*immutable/,
  },
  "an object that admission guards": {
    path: web,
    change: {
      spec: { minReadySeconds: 4, paused: true, template: { metadata: { annotations: { mine: "1" } } } },
    },
    fields: ["/spec/minReadySeconds", "/spec/paused", "/spec/template/metadata/annotations"],
    words: /Deployment shop\/web: .*three seconds/,
  },
};

const CHANGED_PORT = JSON.stringify([{ op: "replace", path: "/spec/ports/0/port", value: 8080 }]);

/** Whether nobody but Helm owns anything, by the same entries as Helm itself had. */
function isHelms(object: KubeObject, installed: readonly Owner[]): boolean {
  const names = (owners: readonly Owner[]) =>
    owners.map(({ manager, operation }) => `${manager} ${operation}`);
  return ownersOf(object).every(({ manager, operation }) =>
    [...names(installed), "helm Apply"].includes(`${manager} ${operation}`),
  );
}

for (const helm of helms)
  describe(`what was changed of a release of ${helm}, and is refused to be put right`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, helm, chart);
      await lock(room, "web");
      await deny(room, denial);
    });
    after(() => room.close());

    for (const [what, { path, change, fields, words }] of Object.entries(cases)) {
      it(`stays whose it was: ${what}`, async () => {
        const edited = await room.api.edit(`${path}?fieldManager=hand`, change);
        await hasProblems(room, "web", said => words.test(said));
        const [entry] = await untilHistory(room, "web", ([one]) => one?.action === "Blocked");
        assert.deepEqual(
          [entry?.by, [...(entry?.fields ?? [])].sort()],
          [["hand"], path === sealed ? fields : ["/spec/minReadySeconds"]],
        );
        if (path === sealed) assert.deepEqual(ownersOf(await room.api.read(path)), ownersOf(edited));
        else assert.ok(hasNothingOf(await room.api.read(path), "f:paused"));
      });

      it(`is shown with who changed it: ${what}`, async () => {
        const name = path.slice(path.lastIndexOf("/") + 1);
        const { stdout, stderr } = await command(
          room.controlPlane,
          "plan",
          "web",
          "-n",
          NAMESPACE,
          "-o",
          "wide",
        );
        assert.doesNotMatch(stderr, /could not be looked at/);
        if (path === sealed) {
          assert.match(stderr, words);
          for (const field of fields) assert.match(stdout, new RegExp(`${field} .*${REFUSED}$`, "m"));
        }
        const shown = (await shownDrift(room, "web", "-n", NAMESPACE)).filter(
          ({ object }) => object.name === name,
        );
        for (const { field, by } of shown) assert.deepEqual([field, by], [field, ["hand"]], stdout);
        if (path === sealed) assert.deepEqual(shown.map(({ field }) => field).sort(), fields);
      });
    }

    it("is tried again without writing to it", async () => {
      const { resourceVersion } = (await room.api.read(sealed)).metadata;
      const from = Date.now();
      await room.untilAudited(
        ({ objectRef, responseStatus, requestReceivedTimestamp }) =>
          objectRef?.name === "sealed" &&
          responseStatus?.code === 422 &&
          Date.parse(requestReceivedTimestamp) > from,
      );
      assert.equal((await room.api.read(sealed)).metadata.resourceVersion, resourceVersion);
      const written = writesOf(await room.controlPlane.auditLog(), room.lockerUser);
      const count = written.filter(({ objectRef }) => objectRef?.name === "sealed").length;
      assert.equal(count, 2, "taken over once, and given back");
    });

    it("goes back by a takeover once nothing refuses that, where a removal alone never is taken", async () => {
      const path = `${collection("v1", "services", NAMESPACE)}/ports`;
      const installed = ownersOf(await room.api.read(path));
      await deny(room, closed);
      await room.kubectl("patch", "svc/ports", "--type=json", "--field-manager=hand", "-p", CHANGED_PORT);
      await hasProblems(room, "web", said => /Service shop\/ports: .*no port/.test(said));
      await allow(room, closed);
      await becomes(room, path, now => JSON.stringify(now?.spec).includes('"port":80,'), 32_000);
      await becomes(room, path, now => now !== undefined && isHelms(now, installed));
    });

    it("goes back once nothing refuses that", async () => {
      await allow(room, denial);
      await becomes(room, web, now => JSON.stringify(now?.spec).includes('"minReadySeconds":3'), 32_000);
      await room.api.delete(sealed);
      await isLocked(room, "web");
      assert.deepEqual(await shownDrift(room, "web", "-n", NAMESPACE), []);
      await upgrade();
      await isLocked(room, "web");
    });
  });

/** Whether no entry of Helm's says that it has a field. */
function hasNothingOf(object: KubeObject, field: string): boolean {
  const ours = ownersOf(object).filter(({ manager }: Owner) => manager.startsWith("helm"));
  return !JSON.stringify(ours).includes(field);
}
