import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, content, type Body, type KubeObject } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { becomes, byPatch, isContent } from "./support/changes";
import { deployment, writeChart, type Chart } from "./support/chart";
import { isUndone, unseen } from "./support/hands";
import { allow, deny } from "./support/policy";
import { NAMESPACE, Room } from "./support/room";

const SERVICES = collection("v1", "services", NAMESPACE);
const DEPLOYMENTS = collection("apps/v1", "deployments", NAMESPACE);

const log = { name: "log", image: "fluentd" };
const web = {
  name: "web",
  image: "nginx:1.27",
  ports: [{ containerPort: 8080 }, { name: "admin", containerPort: 9090 }],
  env: [{ name: "COLOR", value: "blue" }],
  volumeMounts: [{ name: "scratch", mountPath: "/scratch" }],
};
const wait = { name: "wait", image: "busybox" };

function podSpec(changes: Body = {}): Body {
  return {
    containers: [web, log],
    initContainers: [wait],
    volumes: [{ name: "scratch", emptyDir: {} }],
    ...changes,
  };
}

function service(name: string, ports: Body[]): Body {
  const spec = { selector: { app: "web" }, ports };
  return { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
}

const http = { name: "http", port: 80 };
const admin = { name: "admin", port: 90 };

/** A chart whose objects are named after the release. */
function chart(release: string): Chart {
  return {
    templates: {
      web: deployment(release, podSpec(), { replicas: 2 }),
      unnamed: service(`${release}-unnamed`, [{ port: 80 }]),
      named: service(`${release}-named`, [http, admin]),
    },
  };
}

const servicePorts: Record<string, [service: string, ports: Body[]]> = {
  "the port of a Service": ["unnamed", [{ port: 81 }]],
  "the protocol of a Service port": ["unnamed", [{ port: 80, protocol: "UDP" }]],
  "a Service port that was given a name": ["unnamed", [{ name: "web", port: 80 }]],
  "a Service port that was given another number": ["named", [{ ...http, port: 8080 }, admin]],
  "a Service port that was given another name": ["named", [{ ...http, name: "plain" }, admin]],
  "numbers of Service ports that were swapped": [
    "named",
    [
      { ...http, port: 90 },
      { ...admin, port: 80 },
    ],
  ],
  "the order of Service ports": ["named", [admin, http]],
  "all ports of a Service": ["named", [{ name: "other", port: 443 }]],
};

const podSpecs: Record<string, Body> = {
  "the port of a container": podSpec({
    containers: [{ ...web, ports: [{ containerPort: 8081 }, web.ports[1]] }, log],
  }),
  "the named port of a container": podSpec({
    containers: [{ ...web, ports: [web.ports[0], { name: "admin", containerPort: 9091 }] }, log],
  }),
  "a renamed container": podSpec({ containers: [{ ...web, name: "nginx" }, log] }),
  "a renamed container, changed otherwise": podSpec({
    containers: [
      { ...web, name: "nginx", image: "nginx:1.28" },
      { ...log, image: "vector" },
    ],
  }),
  "the order of containers": podSpec({ containers: [log, web] }),
  "a renamed init container": podSpec({ initContainers: [{ ...wait, name: "hold" }] }),
  "a renamed variable": podSpec({ containers: [{ ...web, env: [{ name: "COLOUR", value: "red" }] }, log] }),
  "the path of a mount": podSpec({
    containers: [{ ...web, volumeMounts: [{ name: "scratch", mountPath: "/tmp" }] }, log],
  }),
  "a renamed volume": podSpec({
    volumes: [{ name: "heap", emptyDir: {} }],
    containers: [{ ...web, volumeMounts: [{ name: "heap", mountPath: "/scratch" }] }, log],
  }),
};

describe("changed keys of lists", () => {
  let room: Room;

  /** Applies ports of the container by their keys alone: of an empty protocol, the server makes TCP, and managedFields keep the empty one. */
  const applyPorts = (path: string, ...numbers: number[]): Promise<KubeObject> => {
    const { apiVersion, kind } = deployment("", {});
    const ports = numbers.map(containerPort => ({ containerPort, protocol: "" }));
    const spec = { template: { spec: { containers: [{ name: web.name, ports }] } } };
    const metadata = { name: path.slice(path.lastIndexOf("/") + 1) };
    return room.api.apply(path, { apiVersion, kind, metadata, spec }, "terraform");
  };

  before(async () => {
    room = await Room.open();
    for (const helm of ["helm", "helm4"] as const) {
      const path = await writeChart(room.controlPlane.directory, helm, chart(helm));
      await room.controlPlane[helm](["install", helm, path, "--namespace", NAMESPACE]);
      await lock(room, helm);
    }
  });
  after(() => room.close());

  for (const helm of ["helm", "helm4"] as const) {
    for (const [what, [name, ports]] of Object.entries(servicePorts)) {
      const path = `${SERVICES}/${helm}-${name}`;
      it(`${helm}: ${what} goes back`, () => isUndone(room, path, byPatch(room, path, { spec: { ports } })));
    }
    const path = `${DEPLOYMENTS}/${helm}`;
    for (const [what, spec] of Object.entries(podSpecs)) {
      it(`${helm}: ${what} goes back`, () =>
        isUndone(room, path, byPatch(room, path, { spec: { template: { spec } } })));
    }
    for (const command of [
      ["scale", `deployment/${helm}`, "--replicas=5"],
      ["set", "image", `deployment/${helm}`, "web=nginx:1.28"],
      ["set", "env", `deployment/${helm}`, "COLOR=red", "SIZE=large"],
    ]) {
      it(`${helm}: kubectl ${command.join(" ")} is undone`, () =>
        isUndone(room, path, () => room.kubectl(...command)));
    }
    for (const flags of [[], ["--server-side", "--field-manager=another", "--force-conflicts"]]) {
      it(`${helm}: kubectl ${["apply", ...flags].join(" ")} of another version is undone`, async () => {
        const pod = podSpec({ containers: [{ ...web, name: "nginx", image: "nginx:1.28" }] });
        const metadata = { name: helm, namespace: NAMESPACE };
        const input = JSON.stringify({ ...deployment(helm, pod, { replicas: 4 }), metadata });
        await isUndone(room, path, () =>
          room.controlPlane.kubectl(["apply", ...flags, "-f", "-"], { input }),
        );
      });
    }
    for (const [what, number] of [
      ["beside the chart's", 7070],
      ["of the chart's number", 8080],
    ] as const)
      it(`${helm}: a port ${what} that is applied with an empty protocol goes back`, () =>
        isUndone(room, path, () => applyPorts(path, number)));
    it(`${helm}: such a port goes back also where its author has already withdrawn it`, () =>
      isUndone(room, path, () =>
        unseen(room, async () => {
          await applyPorts(path, 7071);
          await applyPorts(path);
        }),
      ));
    it(`${helm}: an upgrade goes through afterwards`, async () => {
      const path = await writeChart(room.controlPlane.directory, helm, chart(helm));
      await room.controlPlane[helm](["upgrade", helm, path, "--namespace", NAMESPACE]);
    });
  }

  it("goes back although the locker was killed (SIGKILL) between the two writes of a takeover", async () => {
    const path = `${SERVICES}/helm-named`;
    const before = content(await room.api.read(path));
    // The first write only gives fields to Helm; the one that changes the ports is held up.
    const denial = {
      name: "second-write",
      apiGroup: "",
      resource: "services",
      validation: "object.spec == oldObject.spec",
      message: "not yet",
      probe: { object: "service/helm-named", patch: { spec: { publishNotReadyAddresses: true } } },
    };
    await deny(room, denial);
    await room.api.edit(`${path}?fieldManager=kubectl-edit`, {
      spec: { ports: [{ ...http, port: 81 }, admin] },
    });
    const isTakenOver = /"manager":"helm","operation":"Apply".*?\{\\"port\\":81,/;
    await becomes(room, path, now => isTakenOver.test(JSON.stringify(now?.metadata.managedFields)));
    await room.locker.kill();
    await allow(room, denial);
    assert.notDeepEqual(content(await room.api.read(path)), before);
    await room.startLocker();
    await isContent(room, path, before);
  });
});
