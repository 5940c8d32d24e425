import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { collection, type Body, type KubeObject } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { lock } from "../hack/locker/helm-release";
import { byPatch, postSentinel, sentinelReverted, stands } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { isUndone } from "./support/hands";
import { NAMESPACE, Room } from "./support/room";

const ROLLOUTS = "rollouts.example.com";

function replicated(name: string): Body {
  return deployment(name, {}, { replicas: 1 });
}

/** Without metrics, an autoscaler does one thing, and does it at once: it enforces its bounds. */
function autoscaler(name: string, target: Body, minReplicas: number): Body {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name },
    spec: { scaleTargetRef: { name, ...target }, minReplicas, maxReplicas: minReplicas + 2 },
  };
}

const apps = { apiVersion: "apps/v1", kind: "Deployment" };
const rollouts = { apiVersion: `${ROLLOUTS}/v1`, kind: "Rollout" };

const scale = {
  specReplicasPath: ".spec.replicas",
  statusReplicasPath: ".status.replicas",
  labelSelectorPath: ".status.selector",
};
const rollout = definition(ROLLOUTS, "Rollout", [version("v1", { subresources: { status: {}, scale } })]);

const chart: Chart = {
  templates: {
    web: replicated("web"),
    free: deployment("free"),
    slow: replicated("slow"),
    fixed: replicated("fixed"),
    unowned: replicated("unowned"),
    queue: replicated("queue"),
    scaler: autoscaler("web", apps, 3),
    canary: { ...rollouts, metadata: { name: "canary" }, spec: { replicas: 1, color: "blue" } },
  },
};

const scalable = z.object({ spec: z.object({ replicas: z.number() }) });

function pathOf(name: string): string {
  return `${collection("apps/v1", "deployments", NAMESPACE)}/${name}`;
}

const autoscalers = collection("autoscaling/v2", "horizontalpodautoscalers", NAMESPACE);
const canary = `${collection(`${ROLLOUTS}/v1`, "rollouts", NAMESPACE)}/canary`;

function replicasOf(object: KubeObject | undefined): number | undefined {
  return scalable.safeParse(object).data?.spec.replicas;
}

describe("replicas that an autoscaler sets", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.controlPlane.startControllers();
    await define(room, rollout);
    await postSentinel(room);
    await room.install("web", chart);
    await lock(room, "web");
    await room.api.edit(`${canary}/status?fieldManager=rollout-controller`, {
      status: { replicas: 1, selector: "app=canary" },
    });
    const others = [
      autoscaler("slow", apps, 4),
      autoscaler("free", apps, 4),
      autoscaler("unowned", apps, 4),
      autoscaler("canary", rollouts, 5),
    ];
    for (const other of others) await room.api.create(autoscalers, other);
  });
  after(() => room.close());

  /** Waits until an autoscaler has set the replicas, then shows that they stay while everything else is restored. */
  async function isScaled(path: string, replicas: number, edit: Body): Promise<void> {
    await until(room.api, path, now => replicasOf(now) === replicas);
    await sentinelReverted(room);
    // The annotation of the Deployment controller counts the edits.
    await isUndone(room, path, byPatch(room, path, edit));
    assert.equal(replicasOf(await room.api.read(path)), replicas);
  }

  it("stay where the HorizontalPodAutoscaler is part of the release", () =>
    isScaled(pathOf("web"), 3, { spec: { minReadySeconds: 5 } }));

  it("stay where the HorizontalPodAutoscaler is not part of the release", () =>
    isScaled(pathOf("slow"), 4, { spec: { minReadySeconds: 5 } }));

  it("stay where the chart has none", () => isScaled(pathOf("free"), 4, { spec: { minReadySeconds: 5 } }));

  it("stay on a custom resource whose own controller is another one", () =>
    isScaled(canary, 5, { spec: { color: "red" } }));

  it("stay where KEDA scales to zero and back", async () => {
    const path = pathOf("queue");
    // KEDA creates such an autoscaler for each ScaledObject; KEDA itself scales below one replica.
    const scaledObject = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "queue", uid: "q" };
    const metadata = { name: "keda-hpa-queue", ownerReferences: [scaledObject] };
    await room.api.create(autoscalers, { ...autoscaler("queue", apps, 1), metadata });
    for (const replicas of [2, 0, 1, 2, 0, 3])
      await stands(room, path, byPatch(room, `${path}/scale?fieldManager=keda`, { spec: { replicas } }));
    await isScaled(path, 3, { spec: { minReadySeconds: 5 } });
  });

  it("stay where managedFields no longer tell who has written what", async () => {
    const path = pathOf("unowned");
    await until(room.api, path, now => replicasOf(now) === 4);
    await room.api.edit(path, { metadata: { managedFields: [{}] } });
    // The first revert is an apply, which the API server notes the owners from before of.
    for (const minReadySeconds of [5, 6]) await isScaled(path, 4, { spec: { minReadySeconds } });
  });

  for (const replicas of [7, 0, 7]) {
    // After the zero, managedFields no longer have an owner of replicas.
    it(`do not stay where kubectl scales to ${replicas}`, () =>
      isUndone(room, pathOf("fixed"), () =>
        room.kubectl("scale", "deployment/fixed", `--replicas=${replicas}`),
      ));
  }

  it("do not stay where another program sets them", async () => {
    const path = pathOf("fixed");
    await isUndone(room, path, byPatch(room, `${path}/scale?fieldManager=k9s`, { spec: { replicas: 7 } }));
  });

  it("come back by the autoscaler after hands, an upgrade of Helm 3 and a restart of the locker", async () => {
    // At zero, an autoscaler with other bounds does nothing any more.
    await room.kubectl("scale", "deployment/slow", "--replicas=0");
    await room.install("web", chart);
    await room.locker.stop();
    await room.startLocker();
    await isScaled(pathOf("slow"), 4, { spec: { minReadySeconds: 5 } });
    await isScaled(pathOf("web"), 3, { spec: { minReadySeconds: 5 } });
    await isScaled(canary, 5, { spec: { color: "red" } });
  });
});
