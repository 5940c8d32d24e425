import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { inParallel, seed } from "../../hack/bench/seed";
import { collection, configMap, configMapPath, type Body } from "../../hack/lib/objects";
import { helmRelease, register } from "../../hack/locker/helm-release";
import { helms, installWith } from "../support/both-helms";
import { deployment, writeChart, type Chart } from "../support/chart";
import { command, shownDrift, type Printed } from "../support/command";
import { inTime } from "../support/in-time";
import { LateLink } from "../support/late-link";
import { NAMESPACE, Room } from "../support/room";

const APPS = "apps/v1";
const AUTOSCALING = "autoscaling/v2";
const NETWORKING = "networking.k8s.io/v1";

/** The same key twice, which server-side apply refuses. */
const twice = [
  { name: "PATH_", value: "/" },
  { name: "PATH_", value: "/operate" },
];

const secret = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "login" },
  stringData: { password: "rosebud" },
};

const scaler = {
  apiVersion: AUTOSCALING,
  kind: "HorizontalPodAutoscaler",
  metadata: { name: "scaler" },
  spec: {
    maxReplicas: 5,
    scaleTargetRef: { apiVersion: APPS, kind: "Deployment", name: "nobody" },
    metrics: [
      {
        type: "Resource",
        resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
      },
    ],
  },
};

const ingress = [{ from: [{ podSelector: { matchLabels: { app: "web" } } }] }];

const env = [{ name: "COLOR", value: "blue" }];
const limits = { cpu: "2000m" };

const chart: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue", size: "small" }),
    held: configMap("held", { color: "blue" }, { finalizers: ["example.com/hold"] }),
    gone: configMap("gone", { color: "blue" }),
    right: configMap("right", { color: "blue" }),
    secret,
    scaler,
    web: deployment("web", { containers: [{ name: "web", image: "web:1", env, resources: { limits } }] }),
    policy: {
      apiVersion: NETWORKING,
      kind: "NetworkPolicy",
      metadata: { name: "db" },
      spec: { podSelector: { matchLabels: { app: "db" } }, policyTypes: ["Ingress"], ingress },
    },
    account: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "runner" },
      imagePullSecrets: [{ name: "a" }],
    },
    elsewhere: configMap("elsewhere", { color: "green" }, { namespace: "warehouse" }),
  },
};

/** What only Helm 3 can install. */
const stubborn = deployment("stubborn", {
  containers: [{ name: "web", image: "web:1", env: twice, resources: { limits } }],
});

const pathTo = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;
const web = pathTo(APPS, "deployments", "web");
const settings = configMapPath(NAMESPACE, "settings");

/** A change, and the rows that show it: object, field or what is wrong with all of it, chart, live, by. */
type Case = [change: (room: Room) => Promise<unknown>, ...rows: [string, string, unknown, unknown, string][]];

const byHand = (path: string, body: Body) => (room: Room) => room.api.edit(`${path}?fieldManager=hand`, body);

const changes: Record<string, Case> = {
  "an edit": [
    byHand(settings, { data: { color: "red" } }),
    ["ConfigMap settings", "/data/color", "blue", "red", "hand"],
  ],
  "a sibling of what the chart has": [
    byHand(settings, { binaryData: { logo: "AAAA" } }),
    ["ConfigMap settings", "/binaryData", undefined, { logo: "AAAA" }, "hand"],
  ],
  "a deletion": [
    room => room.api.delete(configMapPath(NAMESPACE, "gone")),
    ["ConfigMap gone", "deleted", undefined, undefined, ""],
  ],
  "an object that finalizers hold": [
    room => room.api.delete(configMapPath(NAMESPACE, "held")),
    ["ConfigMap held", "being deleted", undefined, undefined, ""],
  ],
  "a Secret, without its value": [
    byHand(pathTo("v1", "secrets", "login"), { stringData: { password: "other" } }),
    ["Secret login", "/data/password", "***", "***", "hand"],
  ],
  "an edit through another API version": [
    byHand(pathTo("autoscaling/v1", "horizontalpodautoscalers", "scaler"), {
      spec: { targetCPUUtilizationPercentage: 10 },
    }),
    ["HorizontalPodAutoscaler scaler", "/spec/metrics/0/resource/target/averageUtilization", 80, 10, "hand"],
  ],
  "an addition inside a list with one owner, once": [
    room =>
      room.api.patch(
        pathTo(NETWORKING, "networkpolicies", "db"),
        [{ op: "add", path: "/spec/ingress/0/ports", value: [{ protocol: "TCP", port: 5432 }] }],
        "hand",
      ),
    [
      "NetworkPolicy db",
      "/spec/ingress",
      ingress,
      [{ ...ingress[0], ports: [{ protocol: "TCP", port: 5432 }] }],
      "hand",
    ],
  ],
  "what was put before the chart's own items": [
    room =>
      room.api.patch(
        web,
        [{ op: "add", path: "/spec/template/spec/containers/0/env/0", value: { name: "EXTRA", value: "1" } }],
        "hand",
      ),
    [
      "Deployment web",
      "/spec/template/spec/containers/[name=web]/env/[name=EXTRA]",
      undefined,
      { name: "EXTRA", value: "1" },
      "hand",
    ],
  ],
  "an edit of what server-side apply refuses": [
    byHand(pathTo(APPS, "deployments", "stubborn"), {
      spec: {
        template: {
          spec: { containers: [{ name: "web", image: "web:2", env: twice, resources: { limits } }] },
        },
      },
    }),
    ["Deployment stubborn", "/spec/template/spec/containers/[name=web]/image", "web:1", "web:2", "hand"],
  ],
  "another namespace's object": [
    byHand(configMapPath("warehouse", "elsewhere"), { data: { color: "red" } }),
    ["ConfigMap elsewhere", "/data/color", "green", "red", "hand"],
  ],
};

/** What is no drift. */
const tolerated: Record<string, (room: Room) => Promise<unknown>> = {
  "a label and an annotation of somebody": byHand(configMapPath(NAMESPACE, "right"), {
    metadata: { labels: { team: "a" }, annotations: { note: "b" } },
  }),
  "an image pull secret of a cloud": room =>
    room.api.patch(
      pathTo("v1", "serviceaccounts", "runner"),
      [{ op: "add", path: "/imagePullSecrets/-", value: { name: "cloud" } }],
      "cloud",
    ),
  "kubectl rollout restart": room => room.kubectl("rollout", "restart", "deployment/web"),
};

for (const helm of helms) {
  describe(`drift of a release of ${helm}, without an operator`, () => {
    let room: Room;
    before(async () => {
      room = await Room.withoutLocker();
      await room.kubectl("create", "namespace", "warehouse");
      await installWith(
        room,
        helm,
        helm === "helm" ? { templates: { ...chart.templates, stubborn } } : chart,
      );
    });
    after(() => room.close());

    it("is nothing where nothing differs", async () => {
      assert.deepEqual(await shownDrift(room), []);
    });

    for (const [what, change] of Object.entries(tolerated)) {
      it(`is not ${what}`, async () => {
        await change(room);
        assert.deepEqual(await shownDrift(room), []);
      });
    }

    it("is everything that differs, and nothing else", async () => {
      const made = Object.entries(changes).filter(([what]) => helm === "helm" || !what.includes("refuses"));
      for (const [, [change]] of made) await change(room);
      const shown = (await shownDrift(room)).map(({ object, field, is, chart, live, by }) => [
        `${object.kind} ${object.name}`,
        field ?? is,
        chart,
        live,
        by.join(),
      ]);
      assert.deepEqual(shown.sort(byText), made.flatMap(([, [, ...rows]]) => rows).sort(byText));
    });

    it("ends with what an upgrade with Helm 4 would conflict on, if the release is one of its", async () => {
      const { stderr } = await command(room.controlPlane, "drift", "web", "-n", NAMESPACE);
      const conflicts =
        / The next upgrade with Helm 4 would conflict on \d+ fields: helm-locker conflicts web -n shop\n$/;
      assert.match(stderr, /^\d+ differences in 1 of 1 release\./);
      assert.equal(conflicts.test(stderr), helm === "helm4");
    });
  });
}

describe("the command drift", () => {
  let room: Room;
  const drift = (...args: string[]): Promise<Printed> => command(room.controlPlane, "drift", ...args);
  before(async () => {
    room = await Room.withoutLocker();
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }), secret } });
    await room.install("shop", { templates: { prices: configMap("prices", { apple: "1" }) } });
    await room.controlPlane.helm([
      "install",
      "other",
      await emptyChart(room),
      "-n",
      "warehouse",
      "--create-namespace",
    ]);
    await byHand(settings, { data: { color: "red", note: "a\u001b[2Jb" } })(room);
    await byHand(pathTo("v1", "secrets", "login"), { stringData: { password: "other" } })(room);
  });
  after(() => room.close());

  it("shows a table, and what that means", async () => {
    const { stdout, stderr, code } = await drift("-A");
    assert.equal(
      withoutAges(stdout),
      [
        "RELEASE    REVISION   OBJECT               FIELD            CHART   LIVE            BY     WHEN",
        "shop/web   1          Secret login         /data/password   ***     ***             hand   AGE",
        "shop/web   1          ConfigMap settings   /data/color      blue    red             hand   AGE",
        'shop/web   1          ConfigMap settings   /data/note       -       "a\\u001b[2Jb"   hand   AGE',
        "",
      ].join("\n"),
    );
    assert.equal(stderr, "3 differences in 1 of 3 releases.\n");
    assert.equal(code, 0);
  });

  it("shows names that kubectl takes, each once", async () => {
    assert.equal(
      (await drift("-A", "-o", "name")).stdout,
      "secret/login -n shop\nconfigmap/settings -n shop\n",
    );
  });

  it("shows YAML", async () => {
    const { stdout } = await drift("web", "-n", NAMESPACE, "-o", "yaml");
    assert.equal(
      stdout.replaceAll(/since: .*/g, "since: TIME"),
      (await golden()).replaceAll("CONTEXT", "embedded"),
    );
  });

  it("shows no titles where none are wanted, and all of a field and of a time where it is wide", async () => {
    const { stdout } = await drift("-A", "-o", "wide", "--no-headers");
    assert.match(
      stdout,
      /^shop\/web +1 +Secret shop\/login +\/data\/password +\*\*\* +\*\*\* +hand +\d{4}-\d\d-\d\dT[\d:]+Z\n/,
    );
  });

  it("shows Secrets only where that is asked for", async () => {
    const encoded = Buffer.from("rosebud").toString("base64");
    for (const output of ["table", "wide", "json", "yaml"]) {
      assert.ok(!(await drift("-A", "-o", output)).stdout.includes(encoded), output);
      assert.ok((await drift("-A", "-o", output, "--show-secrets")).stdout.includes(encoded), output);
    }
  });

  it("ends with exit code 2 if something differs and that is asked for", async () => {
    assert.equal((await drift("web", "-n", NAMESPACE, "--detailed-exitcode")).code, 2);
    assert.equal((await drift("shop/shop", "--detailed-exitcode")).code, 0);
    assert.equal((await drift("shop/shop", "--detailed-exitcode")).stderr, "No difference in 1 release.\n");
  });

  it("takes the releases of one namespace, or those with a label", async () => {
    assert.equal((await drift("-n", "warehouse")).stderr, "No difference in 1 release.\n");
    assert.equal((await drift()).stderr, "No release found.\n");
    assert.match((await drift("-A", "-l", "name in (web, shop)")).stderr, /in 1 of 2 releases/);
  });

  it("leaves out what a HelmRelease ignores, unless told not to", async () => {
    await room.controlPlane.kubectl(["apply", "-f", "crds/helmreleases.helm.cattle.io.yaml"]);
    const ignore = [{ paths: ["/data/color"], target: { kind: "ConfigMap" } }];
    await register(room, helmRelease("web", { spec: { driftDetection: { ignore } } }));
    const fields = async (...flags: string[]) =>
      (await shownDrift(room, "-A", ...flags)).map(({ field }) => field);
    assert.deepEqual(await fields(), ["/data/password", "/data/note"]);
    assert.deepEqual(await fields("--no-policy"), ["/data/password", "/data/color", "/data/note"]);
  });

  describe("says in one line what is wrong", () => {
    const failures: Record<string, [args: string[], stderr: RegExp]> = {
      "with the nearest name": [
        ["wep", "-n", NAMESPACE],
        /^error: there is no release wep in namespace shop; did you mean "web"\?\n$/,
      ],
      "of a name that can't be one": [
        ["Web!"],
        /^error: "Web!" can't be the name of a release: write NAME, or NAMESPACE\/NAME\n$/,
      ],
      "of a selector": [
        ["-l", "team==="],
        /^error: --selector: no selector: write it as kubectl get -l takes it[^\n]*\n$/,
      ],
      "of a kubeconfig": [["--kubeconfig", "/nowhere"], /^error: \/nowhere can't be read: ENOENT: [^\n]*\n$/],
      "of a context": [
        ["--context", "embeded"],
        /^error: no context embeded in the kubeconfig; did you mean "embedded"\?\n$/,
      ],
      "of a format": [
        ["-o", "xml"],
        /^error: option '-o, --output <format>' argument 'xml' is invalid\. Allowed choices are [^\n]*\n$/,
      ],
      "of a missing right": [
        ["-A", "--as", "bob"],
        /^warning: [^\n]*\nerror: secrets is forbidden: User "bob" cannot list resource "secrets"[^\n]*\n$/,
      ],
    };
    for (const [what, [args, stderr]] of Object.entries(failures)) {
      it(what, async () => {
        const printed = await drift(...args);
        assert.match(printed.stderr, stderr);
        assert.deepEqual([printed.stdout, printed.code], ["", 1]);
      });
    }

    it("of a cluster that can't be reached", async () => {
      await room.controlPlane.stopApiServer();
      try {
        const { stderr, code } = await drift("-A");
        assert.match(stderr, /^error: the cluster can't be reached: [^\n]*\n$/);
        assert.equal(code, 1);
        assert.match((await drift("-A", "-v")).stderr, /\n +at /);
      } finally {
        await room.controlPlane.startApiServer();
      }
    });
  });

  it("shows the clusters that can be reached beside one that can't be", async () => {
    const kubeconfig = join(room.controlPlane.directory, "two-clusters");
    await writeFile(kubeconfig, await withDeadCluster(room.controlPlane.kubeconfig));
    const { stdout, stderr, code } = await drift(
      "-A",
      "--no-policy",
      "--kubeconfig",
      kubeconfig,
      "--context",
      "*",
    );
    assert.deepEqual(
      [
        ...new Set(
          stdout
            .trim()
            .split("\n")
            .map(line => line.split(" ")[0]),
        ),
      ],
      ["CONTEXT", "embedded"],
    );
    assert.match(
      stderr,
      /^error: dead: the cluster can't be reached: [^\n]*\n3 differences in 1 of 3 releases\./m,
    );
    assert.equal(code, 1);
  });

  it("asks about each release whose name an object bears", async () => {
    const templates = Object.fromEntries(
      ["one", "two", "three"].map(name => [name, configMap(name, { color: "blue" })]),
    );
    await room.install("tenant", { templates });
    for (const [name, rival] of Object.entries({ one: "web", two: "web", three: "shop" })) {
      const metadata = { annotations: { "meta.helm.sh/release-name": rival } };
      await byHand(configMapPath(NAMESPACE, name), { data: { color: "red" }, metadata })(room);
    }
    const { stdout, code } = await drift("tenant", "-n", NAMESPACE, "-o", "name");
    await room.helm("uninstall", "tenant");
    assert.deepEqual(
      [stdout, code],
      [["one", "three", "two"].map(name => `configmap/${name} -n shop\n`).join(""), 0],
    );
  });

  it("says of which release it knows nothing, and shows the rest", async () => {
    await room.api.edit(`${collection("v1", "secrets", NAMESPACE)}/sh.helm.release.v1.shop.v1`, {
      data: { release: "AAAA" },
    });
    const { stdout, stderr, code } = await drift("-A", "--no-policy");
    assert.equal(stdout.trim().split("\n").length, 4);
    assert.match(
      stderr,
      /^warning: shop\/shop: Secret shop\/sh\.helm\.release\.v1\.shop\.v1: [^\n]*\n3 differences in 1 of 2 releases\. 1 could not be compared\./,
    );
    assert.equal(code, 1);
    assert.match((await drift("shop", "-n", NAMESPACE)).stderr, /\n1 could not be compared\.\n$/);
  });
});

describe("the command drift, of many releases", () => {
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
    await seed(room, { releases: 200, objects: 20 });
    const drifted = Array.from({ length: 40 }, (_, index) => configMapPath(NAMESPACE, `app-${index * 5}-7`));
    await inParallel(drifted, path => byHand(path, { data: { color: "red" } })(room));
  });
  after(() => room.close());

  it("takes at most 30 s for 4,000 objects", async () => {
    const shown = await inTime(room, configMapPath(NAMESPACE, "app-0-7"), shownDrift(room), 30_000);
    assert.equal(shown.length, 40);
  });

  it("takes at most 10 connections", async () => {
    const config = await readFile(room.controlPlane.kubeconfig, "utf8");
    const [server = ""] = /https:\/\/127\.0\.0\.1:\d+/.exec(config) ?? [];
    const link = await LateLink.open(server);
    try {
      const path = join(room.controlPlane.directory, "linked");
      await writeFile(path, config.replaceAll(server, link.url));
      const shown = await shownDrift({ controlPlane: { kubeconfig: path } });
      assert.equal(shown.length, 40);
      assert.ok(link.most > 1 && link.most <= 10, `took ${link.most}`);
    } finally {
      link.close();
    }
  });
});

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}

function withoutAges(table: string): string {
  return table.replaceAll(/\b\d+[smhd]$/gm, "AGE");
}

async function emptyChart(room: Room): Promise<string> {
  return writeChart(room.controlPlane.directory, "other", { templates: {} });
}

/** A kubeconfig with one context more: of a cluster that nobody answers for. */
async function withDeadCluster(path: string): Promise<string> {
  const config = kubeconfigSchema.parse(JSON.parse(await readFile(path, "utf8")));
  const [context] = config.contexts;
  config.clusters.push({ name: "dead", cluster: { server: "https://127.0.0.1:1" } });
  config.contexts.push({ name: "dead", context: { ...context?.context, cluster: "dead" } });
  return JSON.stringify(config);
}

const kubeconfigSchema = z.looseObject({
  clusters: z.array(z.looseObject({})),
  contexts: z.array(z.looseObject({ context: z.looseObject({}) })),
});

async function golden(): Promise<string> {
  return readFile("test/data/drift.yaml", "utf8");
}
