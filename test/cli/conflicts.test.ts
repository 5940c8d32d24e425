import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { CommandError } from "../../hack/lib/command";
import { collection, configMap, configMapPath, type Body } from "../../hack/lib/objects";
import { installWith } from "../support/both-helms";
import { deployment, writeChart, type Chart } from "../support/chart";
import { command } from "../support/command";
import { NAMESPACE, Room } from "../support/room";

const web = { name: "web", image: "nginx:1.27", args: ["a", "b"], resources: { limits: { cpu: "1000m" } } };

const chart: Chart = {
  templates: {
    web: deployment("web", { containers: [web] }, { replicas: 2 }),
    equal: configMap("equal", { a: "1", b: "2" }),
    bare: configMap("bare", { a: "1", b: "2" }),
    gone: configMap("gone", { a: "1" }),
    login: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      data: { d: "aGVsbG8=" },
      stringData: { s: "hello" },
    },
    front: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "front", labels: { tier: "front" } },
      spec: {
        selector: { app: "web" },
        externalTrafficPolicy: null,
        ports: [
          { name: "a", port: 80, targetPort: 8080 },
          { name: "b", port: 81, targetPort: 8081 },
        ],
      },
    },
    policy: {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name: "policy" },
      spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] },
    },
  },
};

const paths = {
  web: `${collection("apps/v1", "deployments", NAMESPACE)}/web`,
  front: `${collection("v1", "services", NAMESPACE)}/front`,
  login: `${collection("v1", "secrets", NAMESPACE)}/login`,
  policy: `${collection("networking.k8s.io/v1", "networkpolicies", NAMESPACE)}/policy`,
};

const row = z.object({
  object: z.object({ kind: z.string(), name: z.string() }),
  field: z.string(),
  owners: z.array(z.string()),
  refused: z.enum(["now", "once changed"]),
});

/** Fields of others: values, lists that are one value, an item, what is written otherwise and means the same, and what is equal. */
async function edit(room: Room): Promise<void> {
  const { api } = room;
  const patch = (path: string, manager: string, body: Body) =>
    api.edit(`${path}?fieldManager=${manager}`, body);
  const containers = (...items: Body[]) =>
    JSON.stringify({ spec: { template: { spec: { containers: items } } } });
  const strategic = (manager: string, body: string) =>
    room.kubectl("patch", "deployment/web", "--type=strategic", `--field-manager=${manager}`, "-p", body);
  await strategic("image-hand", containers({ name: "web", image: "nginx:9", args: ["a", "c"] }));
  await strategic("cpu-two", containers({ name: "web", resources: { limits: { cpu: "2" } } }));
  await strategic("cpu-one", containers({ name: "web", resources: { limits: { cpu: "1" } } }));
  await room.kubectl("scale", "deployment/web", "--replicas=3");
  await room.kubectl("patch", "service/front", "--type=strategic", "--field-manager=port-hand", "-p", PORT);
  await patch(paths.front, "type-hand", {
    metadata: { labels: { tier: "back" } },
    spec: { type: "NodePort", externalTrafficPolicy: "Local" },
  });
  await patch(paths.login, "login-hand", { data: { d: "eHg=", s: "eHg=" } });
  await patch(paths.policy, "policy-hand", { spec: { ingress: [{ ports: [{ port: 80 }, { port: 81 }] }] } });
  await patch(configMapPath(NAMESPACE, "gone"), "gone-hand", { data: { a: null, z: "added" } });
  await patch(configMapPath(NAMESPACE, "bare"), "bare-hand", { data: { a: "9" } });
  await patch(configMapPath(NAMESPACE, "bare"), "bare-hand", { metadata: { managedFields: [{}] } });
  const equal = JSON.stringify({ ...configMap("equal", { b: "2" }), apiVersion: "v1", kind: "ConfigMap" });
  await room.controlPlane.kubectl(
    ["apply", "--server-side", "--field-manager=equal-hand", "--namespace", NAMESPACE, "-f", "-"],
    { input: equal },
  );
}

const PORT = JSON.stringify({ spec: { ports: [{ port: 81, targetPort: 9999 }] } });

/** What Helm 4 says that it was refused for: "Kind name field", in the notation of rules. */
async function refused(upgrade: () => Promise<unknown>): Promise<string[]> {
  try {
    await upgrade();
    return [];
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const text = error.stderr.slice(error.stderr.indexOf("Error: "));
    return text
      .split("conflict occurred while applying object ")
      .slice(1)
      .flatMap(part => {
        const [, name = "", kind = ""] = /^\S+\/(\S+) \S+, Kind=(\w+):/.exec(part) ?? [];
        const fields = [...part.matchAll(/(?:^- |\S: )(\.\S+)/gm)].map(([, field = ""]) => field);
        return fields.map(field => `${kind} ${name} ${noted(field)}`);
      })
      .sort();
  }
}

/** A field as the API server names it, in the notation of rules; these have no dots in their names. */
function noted(field: string): string {
  return field
    .replace('[port=81,protocol="TCP"]', "[name=b]")
    .replaceAll('"', "")
    .replaceAll("[", ".[")
    .replaceAll(".", "/");
}

async function shown(room: Room, ...args: string[]) {
  const { stdout, stderr, code } = await command(
    room.controlPlane,
    "conflicts",
    "web",
    "-n",
    NAMESPACE,
    "-o",
    "json",
    ...args,
  );
  assert.equal(code, 0, stderr);
  const rows = stdout
    .split("\n")
    .filter(line => line !== "")
    .map(line => row.parse(JSON.parse(line)));
  const named = (when: "now" | "once changed") =>
    rows
      .filter(one => one.refused === when)
      .map(({ object, field }) => `${object.kind} ${object.name} ${field}`)
      .sort();
  return { now: named("now"), later: named("once changed"), rows, stderr };
}

const NOW = [
  "ConfigMap bare /data/a",
  "Deployment web /spec/replicas",
  "Deployment web /spec/template/spec/containers/[name=web]/args",
  "Deployment web /spec/template/spec/containers/[name=web]/image",
  "Deployment web /spec/template/spec/containers/[name=web]/resources/limits/cpu",
  "NetworkPolicy policy /spec/ingress",
  "Secret login /data/d",
  "Service front /metadata/labels/tier",
  "Service front /spec/externalTrafficPolicy",
  "Service front /spec/ports/[name=b]/targetPort",
];

describe("conflicts", () => {
  let room: Room;
  let changed: Chart;
  before(async () => {
    room = await Room.withoutLocker();
    changed = { templates: { ...chart.templates, equal: configMap("equal", { a: "1", b: "3" }) } };
  });
  after(() => room.leave());

  describe("of a release that Helm 4 has installed", () => {
    let upgrade: (next?: Chart) => Promise<string>;
    before(async () => {
      upgrade = await installWith(room, "helm4", chart);
    });
    after(() => room.helm("uninstall", "web"));

    it("are none before anybody else writes", async () => {
      const { rows, stderr } = await shown(room);
      assert.deepEqual(rows, []);
      assert.equal(stderr, "No conflict in 1 release.\n");
      await upgrade();
    });

    it("are what the next upgrade is refused for, and what one that changes them would be", async () => {
      await edit(room);
      const before = await shown(room);
      assert.deepEqual(before.now, NOW);
      assert.deepEqual(before.later, ["ConfigMap equal /data/b"]);
      assert.deepEqual(await refused(upgrade), NOW);
      // The release has failed, which is when its user asks.
      assert.deepEqual((await shown(room)).now, NOW);
      assert.deepEqual(await refused(() => upgrade(changed)), [...NOW, "ConfigMap equal /data/b"].sort());
    });

    it("show whose each is, and the ways out, but no value of a Secret", async () => {
      const { stdout, stderr } = await command(
        room.controlPlane,
        "conflicts",
        `${NAMESPACE}/web`,
        "-o",
        "wide",
      );
      assert.equal(stdout, TABLE);
      assert.equal(stderr, WAYS_OUT);
    });

    it("are gone once Helm forces them", async () => {
      const folder = await writeChart(room.controlPlane.directory, "web", changed);
      await room.controlPlane.helm4(["upgrade", "web", folder, "-n", NAMESPACE, "--force-conflicts"]);
      assert.deepEqual((await shown(room)).now, []);
      assert.deepEqual(await refused(() => upgrade(changed)), []);
    });
  });

  describe("of a release that Helm 3 has installed", () => {
    let upgrade: () => Promise<string>;
    const byHelm4 = async (...flags: string[]) => {
      const folder = await writeChart(room.controlPlane.directory, "web", chart);
      return room.controlPlane.helm4(["upgrade", "web", folder, "-n", NAMESPACE, ...flags]);
    };
    before(async () => {
      upgrade = await installWith(room, "helm", chart);
      await edit(room);
    });
    after(() => room.helm("uninstall", "web"));

    it("are none, for neither Helm conflicts with anybody there: both are said to go on so", async () => {
      const { rows, stderr } = await shown(room);
      assert.deepEqual(rows, []);
      assert.match(
        stderr,
        /^No conflict: Helm writes the objects of shop\/web client-side, .* never conflicts\. /,
      );
      assert.match(stderr, /With helm upgrade --server-side=true, it would on up to 11 fields\.\n$/);
      await upgrade();
      await byHelm4();
      await edit(room);
      assert.deepEqual(await refused(() => byHelm4("--server-side=true")), NOW);
    });

    it("are those of Helm 4 once it has taken the release over", async () => {
      await byHelm4("--server-side=true", "--force-conflicts");
      assert.deepEqual((await shown(room)).now, []);
      await edit(room);
      const { now } = await shown(room);
      assert.ok(now.includes("Deployment web /spec/replicas"));
      assert.deepEqual(await refused(() => byHelm4()), now);
    });
  });
});

const TABLE = `RELEASE    OBJECT                      FIELD                                                            CHART                       LIVE                                                                      OWNER                REFUSED
shop/web   NetworkPolicy shop/policy   /spec/ingress                                                    [{"ports":[{"port":80}]}]   [{"ports":[{"protocol":"TCP","port":80},{"protocol":"TCP","port":81}]}]   policy-hand          now
shop/web   Secret shop/login           /data/d                                                          ***                         ***                                                                       login-hand           now
shop/web   ConfigMap shop/bare         /data/a                                                          "1"                         "9"                                                                       before-first-apply   now
shop/web   ConfigMap shop/equal        /data/b                                                          "3"                         "2"                                                                       equal-hand           now
shop/web   Service shop/front          /metadata/labels/tier                                            front                       back                                                                      type-hand            now
shop/web   Service shop/front          /spec/externalTrafficPolicy                                      null                        Local                                                                     type-hand            now
shop/web   Service shop/front          /spec/ports/[name=b]/targetPort                                  8081                        9999                                                                      port-hand            now
shop/web   Deployment shop/web         /spec/replicas                                                   2                           3                                                                         kubectl              now
shop/web   Deployment shop/web         /spec/template/spec/containers/[name=web]/args                   ["a","b"]                   ["a","c"]                                                                 image-hand           now
shop/web   Deployment shop/web         /spec/template/spec/containers/[name=web]/image                  nginx:1.27                  nginx:9                                                                   image-hand           now
shop/web   Deployment shop/web         /spec/template/spec/containers/[name=web]/resources/limits/cpu   1000m                       "1"                                                                       cpu-one              now
`;

const WAYS_OUT = `shop/web: helm upgrade with Helm 4 is refused for 11 fields. Ways out:
  helm upgrade web CHART -n shop --force-conflicts
    gives the fields the chart's values, and takes them from their owners
  put the live values into the chart, which conflicts with nobody, or take the fields out of it: then they stay as they are
`;
