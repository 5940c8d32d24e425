import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { isInForce, isPatchRefused, lockWith } from "./support/admission";
import { postSentinel } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";

const CI = [{ kind: "Group", name: "ci" }];

/** What each release asks for. */
const RULES = {
  denied: { action: "Deny" },
  owned: { action: "Deny", deployers: CI },
  everything: { action: "Deny", subjects: "All", deployers: CI },
} satisfies Record<string, Body>;

/** A Deployment, a ConfigMap, and one in a namespace that is going to be deleted. */
function chartOf(release: string): Chart {
  return {
    templates: {
      web: deployment(release, {}, { replicas: 1 }),
      settings: configMap(release, { color: "blue" }),
      elsewhere: configMap("elsewhere", { color: "blue" }, { namespace: doomed(release) }),
    },
  };
}

const doomed = (release: string): string => `doomed-${release}`;

const scaled = z.looseObject({ spec: z.looseObject({ replicas: z.number() }) });

describe("what is refused of the cluster's own controllers", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await room.controlPlane.startControllers();
    for (const [release, admission] of Object.entries(RULES)) {
      await room.kubectl("create", "namespace", doomed(release));
      await room.install(release, chartOf(release));
      await lockWith(room, release, admission);
      await isInForce(() => isPatchRefused(room.api, configMapPath(NAMESPACE, release)));
      await isInForce(() => isPatchRefused(room.api, configMapPath(doomed(release), "elsewhere")));
    }
  });
  after(() => room.close());

  /** What a controller was answered about a resource. */
  async function answers(controller: string, resource: string): Promise<(number | undefined)[]> {
    const user = `system:serviceaccount:kube-system:${controller}`;
    const events = (await room.controlPlane.auditLog()).filter(
      ({ user: { username }, objectRef, stage, verb }) =>
        username === user &&
        stage === "ResponseComplete" &&
        objectRef?.resource === resource &&
        ["patch", "update", "delete", "deletecollection"].includes(verb),
    );
    return events.map(({ responseStatus }) => responseStatus?.code);
  }

  async function isRefusedNothing(controller: string, resource: string): Promise<void> {
    const codes = await answers(controller, resource);
    assert.ok(codes.includes(200), `${controller}: ${codes.join()}`);
    assert.deepEqual(
      codes.filter(code => code === 403),
      [],
    );
  }

  for (const release of Object.keys(RULES)) {
    it(`nothing of the autoscaler, ${release}`, async () => {
      const path = `${collection("apps/v1", "deployments", NAMESPACE)}/${release}`;
      await room.api.create(collection("autoscaling/v2", "horizontalpodautoscalers", NAMESPACE), {
        apiVersion: "autoscaling/v2",
        kind: "HorizontalPodAutoscaler",
        metadata: { name: release },
        spec: {
          scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: release },
          minReplicas: 3,
          maxReplicas: 9,
        },
      });
      await until(room.api, path, now => scaled.safeParse(now).data?.spec.replicas === 3);
      await isRefusedNothing("horizontal-pod-autoscaler", "deployments");
      await isRefusedNothing("deployment-controller", "deployments");
    });

    it(`nothing of the garbage collector, ${release}`, async () => {
      const path = configMapPath(NAMESPACE, release);
      const owner = await room.api.create(collection("v1", "configmaps", NAMESPACE), {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: `owner-${release}` },
      });
      const { uid } = (await room.api.read(path)).metadata;
      const reference = {
        apiVersion: "v1",
        kind: "ConfigMap",
        name: `owner-${release}`,
        uid: owner.metadata.uid,
      };
      await room.api.edit(path, { metadata: { ownerReferences: [reference] } });
      await room.api.delete(configMapPath(NAMESPACE, `owner-${release}`));
      await until(room.api, path, now => now !== undefined && now.metadata.uid !== uid);
      await isRefusedNothing("generic-garbage-collector", "configmaps");
    });

    it(`nothing of the namespace controller, ${release}`, async () => {
      await room.api.delete(`${collection("v1", "namespaces")}/${doomed(release)}`);
      await until(room.api, `${collection("v1", "namespaces")}/${doomed(release)}`, now => now === undefined);
      await isRefusedNothing("namespace-controller", "configmaps");
    });
  }
});
