import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { until } from "../hack/lib/watch";
import { helmReleasePath, isLocked, lock, untilStatus } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import {
  becomes,
  byPatch,
  isReverted,
  postSentinel,
  sentinelReverted,
  stands,
  staysAway,
  writesDuring,
} from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { isUndone } from "./support/hands";
import { ownersOf, type Owner } from "./support/owners";
import { NAMESPACE, Room } from "./support/room";

const NETWORK = "networking.k8s.io/v1";
const NOTE = "example.com/note";

const settings = configMapPath(NAMESPACE, "settings");
const free = configMapPath(NAMESPACE, "free");
const web = deploymentPath("web");
const injected = deploymentPath("injected");
const twice = deploymentPath("twice");
const policy = `${collection(NETWORK, "networkpolicies", NAMESPACE)}/db`;
const service = `${collection("v1", "services", NAMESPACE)}/web`;

function deploymentPath(name: string): string {
  return `${collection("apps/v1", "deployments", NAMESPACE)}/${name}`;
}

const containers = [
  { name: "web", image: "nginx:1.27" },
  { name: "proxy", image: "envoy:1", resources: { limits: { cpu: "100m" } } },
];

const env = [
  { name: "A", value: "1" },
  { name: "A", value: "2" },
];

const OFF = {
  "off-ours": "helmreleases.cattle.io/drift-detection",
  "off-flux": "helm.toolkit.fluxcd.io/driftDetection",
};

const chart: Chart = {
  templates: {
    web: deployment("web", { containers }, { replicas: 1, minReadySeconds: 3 }),
    injected: deployment("injected", {}, { replicas: 1 }),
    settings: configMap(
      "settings",
      { color: "blue", size: "1", gone: "here" },
      { annotations: { [NOTE]: "of the chart" } },
    ),
    free: configMap("free", { color: "blue" }),
    ...Object.fromEntries(
      Object.entries(OFF).map(([name, key]) => [
        name,
        configMap(name, { color: "blue" }, { annotations: { [key]: "disabled" } }),
      ]),
    ),
    policy: {
      apiVersion: NETWORK,
      kind: "NetworkPolicy",
      metadata: { name: "db" },
      spec: {
        podSelector: { matchLabels: { app: "db" } },
        ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 5432 }] }],
      },
    },
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
    },
  },
};

/** With an object that server-side apply refuses, and so Helm 4. */
const chartOf3: Chart = {
  templates: {
    ...chart.templates,
    twice: deployment("twice", { containers: [{ name: "web", image: "nginx:1.27", env }] }, { replicas: 1 }),
  },
};

const PROXY = "/spec/template/spec/containers/[name=proxy]";

const whole = { paths: [""], target: { name: "free" } };
const ignore = [
  { paths: ["/spec/replicas"], target: { group: "apps", kind: "Deployment", name: "web|twice" } },
  { paths: [`${PROXY}/resources`, `${PROXY}/image`], target: { name: "web", kind: "Deployment" } },
  {
    paths: ["/data/size", "/data/gone", `/metadata/annotations/${NOTE.replace("/", "~1")}`],
    target: { kind: "ConfigMap", name: "settings" },
  },
  { managedFieldsManagers: ["injector"], target: { name: "injected" } },
  { paths: ["/spec/ingress/0/from"], target: { kind: "NetworkPolicy" } },
  { paths: ["/spec/ports/0/appProtocol"], target: { kind: "Service" } },
  whole,
];

/** Has a HelmRelease say something else about drift, and waits until that holds. */
async function turn(room: Room, name: string, driftDetection: Body): Promise<void> {
  await room.api.patch(helmReleasePath(name), [
    { op: "add", path: "/spec/driftDetection", value: driftDetection },
  ]);
  await isLocked(room, name);
}

let hands = 0;

/** Each time somebody else: who changes the same again and again is in a fight with the locker. */
function byHand(room: Room, path: string, operations: Body[]): () => Promise<unknown> {
  hands += 1;
  return () => room.api.patch(path, operations, `hand-${hands}`);
}

const set = (path: string, value: unknown): Body => ({ op: "add", path, value });

for (const version of helms) {
  describe(`what a HelmRelease ignores of a release of ${version}`, () => {
    let room: Room;
    let upgrade: (next?: Chart) => Promise<string>;

    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, version, version === "helm" ? chartOf3 : chart);
      await postSentinel(room);
      assert.deepEqual(
        await writesDuring(room, () => lock(room, "web", { spec: { driftDetection: { ignore } } })),
        [],
      );
    });
    after(() => room.close());

    const left: Record<string, [path: string, change: Body[], rest: Body[]]> = {
      "a scalar": [web, [set("/spec/replicas", 5)], [set("/spec/minReadySeconds", 9)]],
      "a field of a list item": [
        web,
        [set("/spec/template/spec/containers/1/resources", { limits: { cpu: "200m" } })],
        [set("/spec/template/spec/containers/0/image", "nginx:2")],
      ],
      "a field of a list item that then moves": [
        web,
        [set("/spec/template/spec/containers/1/image", "envoy:2")],
        [
          {
            op: "move",
            from: "/spec/template/spec/containers/1",
            path: "/spec/template/spec/containers/0",
          },
        ],
      ],
      "a field that was removed": [
        settings,
        [{ op: "remove", path: "/data/gone" }],
        [set("/data/color", "red")],
      ],
      "an annotation of the chart": [
        settings,
        [set(`/metadata/annotations/${NOTE.replace("/", "~1")}`, "mine")],
        [set("/data/color", "green"), set("/data/extra", "yes")],
      ],
      "a field inside a list with one owner": [
        policy,
        [set("/spec/ingress/0/from", [{ podSelector: {} }])],
        [set("/spec/ingress/0/ports/0/port", 5433)],
      ],
      "a field that the chart says nothing of, of an item that its place names": [
        service,
        [set("/spec/ports/0/appProtocol", "h2c")],
        [set("/spec/ports/0/targetPort", 8080)],
      ],
      "a field of what server-side apply refuses": [
        twice,
        [set("/spec/replicas", 4)],
        [set("/spec/template/spec/containers/0/image", "nginx:2")],
      ],
    };
    for (const [what, [path, change, rest]] of Object.entries(left)) {
      if (path === twice && version === "helm4") continue;
      it(`stays: ${what}`, () => stands(room, path, byHand(room, path, change)));

      it(`stays while the rest goes back: ${what}`, async () => {
        await isReverted(room, path, byHand(room, path, rest));
      });
    }

    it("stays through 200 reverts of what is beside it, and remains its owner's", async () => {
      const changes = [
        set("/spec/replicas", 7),
        set("/spec/template/spec/containers/1/resources", { limits: { cpu: "300m" } }),
      ];
      await room.api.patch(web, changes, "tuner");
      const tuner = await ownerIn(room, "tuner");
      const beside: Body[][] = [
        [set("/spec/template/spec/containers/0/image", "nginx:2")],
        [set("/spec/template/spec/priorityClassName", "system-node-critical")],
        [set("/spec/minReadySeconds", 8), set("/spec/template/spec/containers/0/tty", true)],
        [set("/spec/template/spec/containers/0/name", "other"), set("/spec/revisionHistoryLimit", 2)],
      ];
      for (let round = 0; round < 200; round += 1) {
        await isReverted(room, web, byHand(room, web, beside[round % beside.length] ?? []));
        assert.deepEqual(await ownerIn(room, "tuner"), tuner, `in round ${round}`);
      }
    });

    it("is all that certain managers have written or added, and nothing else", async () => {
      const container = "/spec/template/spec/containers";
      const sidecar = { name: "sidecar", image: "agent:1" };
      const written = [
        set(`${container}/0/image`, "nginx:injected"),
        set("/spec/minReadySeconds", 4),
        set(`${container}/0`, sidecar),
      ];
      await stands(room, injected, () => room.api.patch(injected, written, "injector"));
      const rest = [
        set("/spec/replicas", 3),
        set(`${container}/1/tty`, true),
        set(`${container}/-`, { name: "b", image: "b" }),
      ];
      await isReverted(room, injected, byHand(room, injected, rest));
    });

    it("is a whole object, its deletion included", async () => {
      await stands(room, free, byPatch(room, free, { data: { color: "red", more: "yes" } }));
      await room.api.delete(free);
      await staysAway(room, free);
      await isLocked(room, "web");
    });

    for (const [name, key] of Object.entries(OFF)) {
      it(`is what a manifest says so of: ${key}`, async () => {
        const path = configMapPath(NAMESPACE, name);
        await stands(room, path, byPatch(room, path, { data: { color: "red" } }));
        await room.api.delete(path);
        await staysAway(room, path);
      });

      it(`is not what only the object says so of: ${key}`, async () => {
        await room.api.edit(settings, { metadata: { annotations: { [key]: "disabled" } } });
        await isReverted(room, settings, byPatch(room, settings, { data: { color: name } }));
        const { uid } = (await room.api.read(settings)).metadata;
        await room.api.delete(settings);
        await becomes(room, settings, now => now !== undefined && now.metadata.uid !== uid);
      });
    }

    it("is counted", async () => {
      const { ignored } = await untilStatus(room, "web", ({ ignored = 0 }) => ignored > 0);
      assert.ok(ignored);
    });

    it("stays over a restart of the locker", async () => {
      await room.api.edit(settings, { data: { size: "9" } });
      await room.locker.stop();
      await room.startLocker();
      await isLocked(room, "web");
      await isReverted(room, settings, byHand(room, settings, [set("/data/color", "restarted")]));
      assert.equal(dataOf(await room.api.read(settings)).size, "9");
      await staysAway(room, free);
    });

    it("is restored once it is ignored no more, and right objects are not written", async () => {
      const writes = await writesDuring(room, async () => {
        await turn(room, "web", { ignore: ignore.filter(rule => rule !== whole) });
        await becomes(room, free, now => dataOf(now).color === "blue");
      });
      assert.deepEqual(
        writes.filter(write => !write.includes("configmaps/free")),
        [],
      );
      await turn(room, "web", { ignore: [] });
      await becomes(room, settings, now => dataOf(now).size === "1");
      await becomes(room, web, now => JSON.stringify(now?.spec).includes('"replicas":1'));
      await upgrade();
    });

    async function ownerIn(room: Room, manager: string): Promise<Omit<Owner, "time"> | undefined> {
      return ownersOf(await room.api.read(web)).find(owner => owner.manager === manager);
    }
  });
}

describe("what a HelmRelease says of drift", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.install("web", chart);
    await postSentinel(room);
    await lock(room, "web", { spec: { driftDetection: { additions: "Keep" } } });
  });
  after(() => room.close());

  const added: Record<string, [path: string, change: Body[]]> = {
    "a list item": [web, [set("/spec/template/spec/containers/0", { name: "sidecar", image: "agent:1" })]],
    "a key of a map": [settings, [set("/data/extra", "yes")]],
    "a field that the chart says nothing of": [web, [set("/spec/revisionHistoryLimit", 2)]],
  };
  for (const [what, [path, change]] of Object.entries(added)) {
    it(`keeps what others add: ${what}`, () => stands(room, path, byHand(room, path, change)));
  }

  it("keeps it while the rest goes back", async () => {
    await isReverted(room, web, byHand(room, web, [set("/spec/minReadySeconds", 9)]));
    await isReverted(room, settings, byHand(room, settings, [set("/data/color", "red")]));
  });

  it("keeps nothing inside a list or map with one owner", async () => {
    const peer = { ipBlock: { cidr: "0.0.0.0/0" } };
    await isReverted(room, policy, byHand(room, policy, [set("/spec/ingress/0/from/-", peer)]));
    const label = [set("/spec/podSelector/matchLabels/tier", "back")];
    await isReverted(room, policy, byHand(room, policy, label));
  });

  it("takes additions away once they are not kept any more", async () => {
    await turn(room, "web", {});
    await becomes(room, settings, now => dataOf(now).extra === undefined);
    await becomes(room, web, now => !JSON.stringify(now?.spec).includes("agent:1"));
  });

  it("lets the catalogue count, or not", async () => {
    const restart = () => room.kubectl("rollout", "restart", "deployment/injected");
    await turn(room, "web", { knownControllers: false });
    await isUndone(room, injected, restart);
    await turn(room, "web", { knownControllers: true });
    await stands(room, injected, restart);
  });

  it("names the rules that are about nothing, and is ready all the same", async () => {
    const paths = ["/spec/replica"];
    await turn(room, "web", {
      ignore: [
        { paths, target: { kind: "Deployment" } },
        { paths, target: { kind: "Job" } },
      ],
    });
    await untilStatus(room, "web", ({ conditions }) => {
      const ready = conditions.find(({ type }) => type === "Ready");
      return (
        ready?.status === "True" &&
        ready.message.includes("ignore[0].paths[0] is about no field") &&
        ready.message.includes("ignore[1] is about no object")
      );
    });
    await isReverted(room, web, byHand(room, web, [set("/spec/replicas", 2)]));
  });

  it("counts from one moment to the next, also while a storm of edits is under way", async () => {
    let isOver = false;
    const storm = async (): Promise<void> => {
      for (let round = 0; !isOver; round += 1) {
        await byHand(room, settings, [set("/data/size", `${round}`), set("/data/color", `${round}`)])();
        await byHand(room, web, [set("/spec/replicas", 2 + (round % 5))])();
      }
    };
    const turns = async (): Promise<void> => {
      try {
        for (let round = 0; round < 10; round += 1) {
          const rules = round % 2 === 0 ? ignore : [];
          await room.api.patch(helmReleasePath("web"), [
            { op: "add", path: "/spec/driftDetection", value: { ignore: rules } },
          ]);
          // What changes faster than it can be looked at has a problem for now.
          await untilStatus(room, "web", () => true);
        }
      } finally {
        isOver = true;
      }
    };
    await Promise.all([storm(), turns()]);
    await becomes(room, settings, now => dataOf(now).size === "1" && dataOf(now).color === "blue");
    await becomes(room, web, now => JSON.stringify(now?.spec).includes('"replicas":1,'));
    await turn(room, "web", { ignore });
    await stands(room, settings, byHand(room, settings, [set("/data/size", "at last")]));
    await isReverted(room, settings, byHand(room, settings, [set("/data/color", "at last")]));
  });
});

describe("ignored replicas, where controllers run", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.controlPlane.startControllers();
    await postSentinel(room);
    await room.install("web", chart);
    await lock(room, "web", { spec: { driftDetection: { ignore } } });
  });
  after(() => room.close());

  const hasReplicas = (count: number) => (now: unknown) =>
    JSON.stringify(now).includes(`"spec":{"replicas":${count},`);

  it("stay as kubectl scales them", async () => {
    await room.kubectl("scale", "deployment/web", "--replicas=0");
    await sentinelReverted(room);
    assert.ok(hasReplicas(0)(await room.api.read(web)));
  });

  it("stay as a HorizontalPodAutoscaler sets them, while the rest goes back", async () => {
    await room.kubectl("scale", "deployment/web", "--replicas=1");
    await room.kubectl("autoscale", "deployment/web", "--min=3", "--max=5", "--cpu=80%");
    await until(room.api, web, hasReplicas(3));
    await isUndone(room, web, byHand(room, web, [set("/spec/template/spec/containers/0/image", "nginx:2")]));
    assert.ok(hasReplicas(3)(await room.api.read(web)));
  });
});
