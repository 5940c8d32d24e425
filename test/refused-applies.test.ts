import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { isReverted } from "./support/changes";
import { helms, installWith } from "./support/both-helms";
import { deployment, type Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";

const TOOLS = "tools.example.com";

/** A list has the same key twice: server-side apply refuses the whole object for good, Helm's client-side writes do not. */
const twice = [
  { name: "PATH_", value: "/" },
  { name: "PATH_", value: "/operate" },
];

const gauge = definition(TOOLS, "Gauge", [
  version("v1", {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            properties: {
              metric: {
                type: "object",
                default: { enabled: true },
                required: ["enabled"],
                properties: { enabled: { type: "boolean" }, path: { type: "string" } },
              },
              unit: { type: "string" },
            },
          },
        },
      },
    },
  }),
]);

const stubborn = deployment(
  "stubborn",
  {
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        env: [...twice, { name: "TOKEN", valueFrom: { secretKeyRef: { name: "login", key: "token" } } }],
        resources: { limits: { cpu: "2000m" } },
        livenessProbe: { httpGet: { path: "/", port: 80 } },
      },
      { name: "side", image: "busybox" },
    ],
  },
  { strategy: { type: "Recreate" } },
);

const chart: Chart = {
  templates: {
    stubborn,
    account: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "runner" },
      secrets: [{ name: "a" }, { name: "b" }],
    },
    gauge: { apiVersion: `${TOOLS}/v1`, kind: "Gauge", metadata: { name: "speed" }, spec: { unit: "m/s" } },
  },
};

const applicable: Chart = {
  templates: Object.fromEntries(Object.entries(chart.templates).filter(([name]) => name !== "stubborn")),
};

const path = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;

const deploymentPath = path("apps/v1", "deployments", "stubborn");
const account = path("v1", "serviceaccounts", "runner");
const gaugePath = path(`${TOOLS}/v1`, "gauges", "speed");
const container = "/spec/template/spec/containers/0";

const replace = (pointer: string, value: unknown): Body => ({ op: "replace", path: pointer, value });
const add = (pointer: string, value: unknown): Body => ({ op: "add", path: pointer, value });
const remove = (pointer: string): Body => ({ op: "remove", path: pointer });

/** Changes to an object that no apply can be made of, each as one JSON patch. */
const changes: Record<string, Body[]> = {
  "an image, and a field beside it": [
    replace(`${container}/image`, "nginx:1.28"),
    add(`${container}/workingDir`, "/tmp"),
  ],
  "an image": [replace(`${container}/image`, "nginx:1.28")],
  "a field that was added": [add(`${container}/workingDir`, "/tmp")],
  "one of two variables of the same name": [replace(`${container}/env/1/value`, "/other")],
  "a variable that was added": [add(`${container}/env/-`, { name: "DEBUG", value: "1" })],
  "a variable that was taken out": [remove(`${container}/env/0`)],
  "a reference that became a value": [
    remove(`${container}/env/2/valueFrom`),
    add(`${container}/env/2/value`, "plain"),
  ],
  "a renamed container": [replace(`${container}/name`, "other")],
  "a container that was taken out": [remove("/spec/template/spec/containers/1")],
  "containers in another order": [
    { op: "move", from: "/spec/template/spec/containers/1", path: "/spec/template/spec/containers/0" },
  ],
  "another handler of a probe": [
    remove(`${container}/livenessProbe/httpGet`),
    add(`${container}/livenessProbe/tcpSocket`, { port: 80 }),
  ],
  "another strategy": [replace("/spec/strategy", { type: "RollingUpdate", rollingUpdate: { maxSurge: 2 } })],
  "a limit, and a label of the Pods": [
    replace(`${container}/resources/limits/cpu`, "3"),
    add("/spec/template/metadata/labels/tier", "front"),
  ],
};

describe("changes to an object that server-side apply refuses", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await define(room, gauge);
    await room.install("web", chart);
    await lock(room, "web");
  });
  after(() => room.close());

  for (const [what, patch] of Object.entries(changes)) {
    it(`are reverted: ${what}`, () =>
      isReverted(room, deploymentPath, () => room.api.patch(deploymentPath, patch)));
  }

  it("are reverted by one strategic patch of image and workingDir, again and again", async () => {
    for (let round = 0; round < 3; round++) {
      const patch = { spec: { template: { spec: { containers: [] as Body[] } } } };
      patch.spec.template.spec.containers.push({
        name: "web",
        image: `nginx:${round}`,
        workingDir: `/${round}`,
      });
      await isReverted(room, deploymentPath, () =>
        room.kubectl("patch", "deployment/stubborn", "--type=strategic", "-p", JSON.stringify(patch)),
      );
    }
  });
});

for (const helm of helms) {
  describe(`changes that make an apply impossible, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      await define(room, gauge);
      upgrade = await installWith(room, helm, applicable);
      await lock(room, "web");
    });
    after(() => room.close());

    it("are reverted: the key of a list's item is gone", () =>
      isReverted(room, account, () => room.api.patch(account, [remove("/secrets/0/name")])));

    it("are reverted once more, as an apply can be made again", () =>
      isReverted(room, account, () => room.api.patch(account, [remove("/secrets/1")])));

    it("are reverted: a default of a parent that the chart leaves out", () =>
      isReverted(room, gaugePath, () => room.api.edit(gaugePath, { spec: { metric: { enabled: false } } })));

    it("are reverted: the same, with something beside it", () =>
      isReverted(room, gaugePath, () =>
        room.api.edit(gaugePath, { spec: { metric: { enabled: false, path: "/metrics" }, unit: "km/h" } }),
      ));

    it("leave a release that is upgraded with no force", async () => {
      await upgrade();
    });
  });
}
