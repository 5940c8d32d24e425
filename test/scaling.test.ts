import { after, before, describe, it } from "node:test";
import { collection, content, type Body } from "../hack/lib/objects";
import { isLocked, lock } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { isContent, isReverted, postSentinel, stands, type Change } from "./support/changes";
import { deployment } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { openForTwins, OWN_NAME, Pair, type PathIn } from "./support/pair";
import { NAMESPACE, Room } from "./support/room";

const KEDA = "keda.sh";

const deployments: PathIn = (namespace, name) => `${collection("apps/v1", "deployments", namespace)}/${name}`;

const web = deployment(OWN_NAME, {}, { replicas: 1 });
const metadata = { name: OWN_NAME };

/** An autoscaler that no controller has looked at: it has no status. */
function autoscaler(more: Body = {}, target: Body = {}): Body {
  return {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { ...metadata, ...more },
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: OWN_NAME, ...target },
      minReplicas: 2,
      maxReplicas: 9,
    },
  };
}

function scaledObject(annotations: Body = {}): Body {
  return {
    apiVersion: `${KEDA}/v1alpha1`,
    kind: "ScaledObject",
    metadata: { ...metadata, annotations },
    spec: { scaleTargetRef: { name: OWN_NAME }, minReplicaCount: 0, triggers: [] },
  };
}

const ofKeda = {
  name: `keda-hpa-${OWN_NAME}`,
  ownerReferences: [{ apiVersion: `${KEDA}/v1alpha1`, kind: "ScaledObject", name: "x", uid: "x" }],
};

/** What is with the Deployment in the chart; and who scales it, to how many, one after the other. */
const scaled: Record<string, [more: Record<string, Body>, manager: string, replicas: number[]]> = {
  "an autoscaler of k3s": [{ scaler: autoscaler() }, "k3s", [4, 7, 3]],
  "an autoscaler of MicroK8s": [{ scaler: autoscaler() }, "kubelite", [5]],
  "an autoscaler of a name that nobody knows": [{ scaler: autoscaler() }, "hyperkube-7", [5, 2]],
  "KEDA, by its autoscaler": [{ scaler: autoscaler(ofKeda), object: scaledObject() }, "rke2", [5]],
  "KEDA, from and to zero": [{ scaler: autoscaler(ofKeda), object: scaledObject() }, "keda", [0, 2, 0, 3]],
  "KEDA, before it has made an autoscaler": [{ object: scaledObject() }, "keda-operator", [3]],
  "KEDA, paused": [{ object: scaledObject({ "autoscaling.keda.sh/paused-replicas": "3" }) }, "keda", [3]],
  "KEDA, paused at zero": [
    { object: scaledObject({ "autoscaling.keda.sh/paused-replicas": "0" }) },
    "keda",
    [0],
  ],
};

describe("replicas that come through subresource scale", () => {
  let room: Room;
  before(async () => {
    room = await openForTwins(async opened =>
      define(opened, definition(KEDA, "ScaledObject", [version("v1alpha1")])),
    );
  });
  after(() => room.close());

  for (const helm of helms) {
    for (const [index, [what, [more, manager, counts]]] of Object.entries(scaled).entries()) {
      it(`stay where they are of ${what}, installed by ${helm}`, async t => {
        const pair = await Pair.install(room, helm, `${helm}-${index}`, { templates: { web, ...more } });
        const writes = counts.map(
          replicas => (path: string) =>
            room.api.edit(`${path}/scale?fieldManager=${manager}`, { spec: { replicas } }),
        );
        t.diagnostic(await pair.leaves(deployments, ...writes));
      });
    }
  }
});

const strangers = {
  web,
  elsewhere: autoscaler({}, { kind: "StatefulSet" }),
  neighbour: autoscaler({ name: "neighbour" }, { name: "neighbour" }),
  "of-a-group": autoscaler({ name: "of-a-group" }, { apiVersion: "apps.example.com/v1" }),
};

for (const helm of helms) {
  describe(`replicas that no autoscaler is about, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    const name = `${NAMESPACE}-web`;
    const path = deployments(NAMESPACE, name);
    before(async () => {
      room = await Room.open();
      await room.kubectl("create", "namespace", "far");
      upgrade = await installWith(room, helm, { templates: strangers });
      await lock(room, "web");
      await postSentinel(room);
      const target = { apiVersion: "apps/v1", kind: "Deployment", name };
      const far = { scaleTargetRef: target, minReplicas: 2, maxReplicas: 9 };
      const autoscalers = collection("autoscaling/v2", "horizontalpodautoscalers", "far");
      await room.api.create(autoscalers, { ...autoscaler(), metadata: { name: "far" }, spec: far });
    });
    after(() => room.close());

    const through = (manager: string, replicas: number): Change => {
      return () => room.api.edit(`${path}/scale?fieldManager=${manager}`, { spec: { replicas } });
    };
    const managers = [
      "k3s",
      "kubelite",
      "kube-controller-manager",
      "rancher",
      "node-fetch",
      "k9s",
      "kubectl",
    ];
    for (const manager of managers) {
      it(`go back, through subresource scale: ${manager}`, async () => {
        for (const replicas of [5, 0, 3]) await isReverted(room, path, through(manager, replicas));
      });
    }

    it("go back, by a PUT of the Scale", () =>
      isReverted(room, path, async () => {
        const scale = await room.api.read(`${path}/scale`);
        await room.api.replace(`${path}/scale?fieldManager=k9s`, { ...scale, spec: { replicas: 6 } });
      }));

    it("go back, by kubectl scale", () =>
      isReverted(room, path, () => room.kubectl("scale", `deployment/${name}`, "--replicas=4")));

    it("go back once their autoscaler has gone, at the next change", async () => {
      const scalers = collection("autoscaling/v2", "horizontalpodautoscalers", NAMESPACE);
      const spec = { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name }, maxReplicas: 9 };
      const right = content(await room.api.read(path));
      await room.api.create(scalers, { ...autoscaler(), metadata: { name: "brief" }, spec });
      await stands(room, path, through("k3s", 5));
      await room.api.delete(`${scalers}/brief`);
      await through("k3s", 6)();
      await isContent(room, path, right);
    });

    it("leave a release that is upgraded with no force", async () => {
      await isLocked(room, "web");
      await upgrade();
      await isLocked(room, "web");
    });
  });
}
