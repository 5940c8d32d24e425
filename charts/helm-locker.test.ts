import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import { ConfigError, optionDocs, readConfig } from "../capabilities/config";
import { lockerChart } from "../hack/artifacts/chart";
import { deploymentManifest } from "../hack/artifacts/manifest";
import { startControlPlane, type ControlPlane } from "../hack/clusters/control-plane";
import { CommandError } from "../hack/lib/command";
import { DIST, ROOT } from "../hack/lib/project";
import { fileOf } from "../crds/definition";
import { definitions } from "../crds/definitions";
import packageJson from "../package.json";

const NAMESPACE = "tools";

const REGISTRATION = "cattle-helm-system";

const IMAGE = "--set=image.repository=registry.example.com:5000/tools/helm-locker";

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
  }),
});

type KubeObject = z.infer<typeof objectSchema>;

const deploymentSchema = objectSchema.extend({
  kind: z.literal("Deployment"),
  spec: z.object({
    template: z.object({
      spec: z.looseObject({
        containers: z.tuple([
          z.looseObject({
            image: z.string(),
            env: z.array(
              z.strictObject({
                name: z.string(),
                value: z.string().optional(),
                valueFrom: z.object({ fieldRef: z.object({ fieldPath: z.string() }) }).optional(),
              }),
            ),
          }),
        ]),
      }),
    }),
  }),
});

/** The option that only several lockers need. */
const IDENTITY = "HELM_LOCKER_IDENTITY";

/** The label that adds a ClusterRole's rules to Kubernetes' own role of that name. */
const AGGREGATE_TO = "rbac.authorization.k8s.io/aggregate-to-";

const VIEWER = "helm-locker-helmrelease-viewer";
const EDITOR = "helm-locker-helmrelease-editor";

const aggregatedSchema = z.object({
  aggregationRule: z.object({
    clusterRoleSelectors: z.tuple([z.object({ matchLabels: z.record(z.string(), z.string()) })]),
  }),
});

/** Values that users may set, as flags of helm. */
const valuesSets: Record<string, string[]> = {
  "the defaults": [],
  "some kinds": [
    '--set-json=rbac.trackedKinds=[{"apiGroups":["","apps"],"resources":["services","deployments"]}]',
  ],
  "no kinds": ["--set-json=rbac.trackedKinds=[]"],
  "writes by others": [
    '--set-json=rbac.serviceAccounts=[{"namespace":"tools","names":["a","b.c"]},{"namespace":"tools"},{"names":["locker"]}]',
    "--set=options.defaultServiceAccount=locker",
  ],
  "everything that can be switched on": [
    "--set=replicas=2",
    "--set=networkPolicy.enabled=true",
    '--set-json=networkPolicy.metricsFrom=[{"namespaceSelector":{}}]',
    "--set=priorityClassName=system-cluster-critical",
    '--set-json=tolerations=[{"operator":"Exists"}]',
    '--set-json=imagePullSecrets=[{"name":"registry"}]',
    "--set=nodeSelector.disk=fast",
    '--set-json=affinity={"nodeAffinity":{}}',
    "--set=createNamespace=false",
    "--set=createPolicies=false",
    "--set=rbac.aggregateToEdit=true",
  ],
};

/** Values as typing errors or misunderstandings would make them. */
const wrongValues: Record<string, string> = {
  "a word that is no value": "--set=replica=2",
  "no locker at all": "--set=replicas=0",
  "a word that is no option": "--set=options.loglevel=debug",
  "a number for a name": "--set=image.tag=1",
  "a digest in the name": "--set=image.repository=a@sha256:0",
  "a secret that is a string": '--set-json=imagePullSecrets=["registry"]',
  "a kind without its group": '--set-json=rbac.trackedKinds=[{"resources":["deployments"]}]',
  "a kind in the singular":
    '--set-json=rbac.trackedKinds=[{"apiGroups":["apps"],"resources":["Deployment"]}]',
  "a word for the kinds": "--set=rbac.trackedKinds=all",
  "a ServiceAccount without its list": '--set-json=rbac.serviceAccounts=["shop-locker"]',
  "every ServiceAccount": "--set-json=rbac.serviceAccounts=[{}]",
  "a word for a switch": "--set-string=rbac.aggregateToEdit=yes",
};

const goodOptions = {
  namespace: ["a", "locks-1", "a".repeat(63)],
  controllerName: ["a", "a b", "x".repeat(253)],
  defaultServiceAccount: ["", "a", "a.b-1", "a".repeat(253)],
  stalledAfter: [1, 900, 999_999],
  resyncInterval: [1, 600, 999_999],
  logLevel: ["error", "warn", "info", "debug"],
};

const badOptions = {
  namespace: ["", "Locks", "a.b", "-a", "a".repeat(64)],
  controllerName: ["", " a", "a ", "ä", "x".repeat(254)],
  defaultServiceAccount: ["A", "a.", "-a", "a/b", "a".repeat(254)],
  stalledAfter: [0, -1, 1.5, 1_000_000],
  resyncInterval: [0, -1, 1.5, 1_000_000],
  logLevel: ["", "trace", "INFO"],
};

/** One option in the chart, and as the locker reads it. */
function optionCases(table: Record<string, (string | number)[]>): [option: string, value: string | number][] {
  return Object.entries(table).flatMap(([option, values]) =>
    values.map(value => [option, value] as [string, string | number]),
  );
}

function kindsOf(objects: KubeObject[]): string[] {
  return objects.map(({ kind }) => kind);
}

function variableOf(option: string): string {
  return `HELM_LOCKER_${option.replace(/[A-Z]/g, letter => `_${letter}`).toUpperCase()}`;
}

describe("the chart", () => {
  let controlPlane: ControlPlane;
  let chart: string;

  before(async () => {
    chart = await lockerChart();
    controlPlane = await startControlPlane();
    for (const namespace of [NAMESPACE, REGISTRATION])
      await controlPlane.kubectl(["create", "namespace", namespace]);
    const restricted = "pod-security.kubernetes.io/enforce=restricted";
    await controlPlane.kubectl(["label", "namespace", NAMESPACE, restricted]);
  });

  after(() => controlPlane.stop());

  async function render(...flags: string[]): Promise<KubeObject[]> {
    return template("helm-locker", "--skip-tests", ...flags);
  }

  async function template(release: string, ...flags: string[]): Promise<KubeObject[]> {
    const args = ["template", release, chart, `--namespace=${NAMESPACE}`, IMAGE, ...flags];
    const documents = parseAllDocuments(await controlPlane.helm(args));
    return documents.map(document => objectSchema.parse(document.toJS()));
  }

  function deploymentOf(objects: KubeObject[]): z.infer<typeof deploymentSchema> {
    const found = objects.flatMap(object => deploymentSchema.safeParse(object).data ?? []);
    assert.ok(found[0] !== undefined && found.length === 1);
    return found[0];
  }

  /** Sends a Pod of the Deployment through admission. */
  async function admit(objects: KubeObject[]): Promise<string> {
    const { spec } = deploymentOf(objects).spec.template;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "locker", namespace: NAMESPACE }, spec };
    return controlPlane.kubectl(["create", "--dry-run=server", "-f", "-"], { input: JSON.stringify(pod) });
  }

  it("is the only one in dist/: Pepr's is taken away", async () => {
    await deploymentManifest();
    const charts: string[] = [];
    for await (const file of glob(join(DIST, "*", "Chart.yaml"))) charts.push(dirname(file));
    assert.deepEqual(charts, [chart]);
  });

  it("passes helm lint, with and without values", async () => {
    for (const flags of Object.values(valuesSets))
      await controlPlane.helm(["lint", "--strict", chart, ...flags]);
  });

  for (const [what, flags] of Object.entries(valuesSets)) {
    it(`${what}: the API server takes all of it, and Pod Security restricted its Pod`, async () => {
      const objects = await render(...flags);
      const list = JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });
      const check = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"];
      const output = await controlPlane.kubectl(check, { input: list });
      assert.equal(output.trim().split("\n").length, objects.length);
      await admit(objects);
    });
  }

  it("is refused by Pod Security without its security context", async () => {
    const objects = await render("--set-json=securityContext=null");
    await assert.rejects(admit(objects), /violates PodSecurity "restricted:latest"/);
  });

  it("needs an image, and says so", async () => {
    const nameless = controlPlane.helm(["template", "helm-locker", chart]);
    await assert.rejects(nameless, /image.repository: build the image from the project's Dockerfile/);
  });

  for (const [what, flag] of Object.entries(wrongValues)) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(
        render(flag),
        error =>
          error instanceof CommandError && error.stderr.includes("values don't meet the specifications"),
      );
    });
  }

  it("makes the registration namespace, unless it is the release's own", async () => {
    const namespaces = async (...flags: string[]): Promise<string[]> =>
      (await render(...flags))
        .filter(({ kind }) => kind === "Namespace")
        .map(({ metadata }) => metadata.name);
    assert.deepEqual(await namespaces(), [REGISTRATION]);
    assert.deepEqual(await namespaces(`--set=options.namespace=${NAMESPACE}`), []);
  });

  it("sets every option of the locker, each as the locker itself does where it is not set, and its own release", async () => {
    const [{ env, image }] = deploymentOf(await render()).spec.template.spec.containers;
    const values = new Map([["HELM_LOCKER_RELEASE", `${NAMESPACE}/helm-locker`]]);
    const set = optionDocs.filter(({ variable }) => variable !== IDENTITY);
    assert.deepEqual(
      env,
      set.map(({ variable: name, default: value }) => ({ name, value: values.get(name) ?? value })),
    );
    assert.equal(image, `registry.example.com:5000/tools/helm-locker:${packageJson.version}`);
  });

  it("has several lockers take turns, on several nodes, of which one is drained at a time", async () => {
    const [one, two] = [await render(), await render("--set=replicas=2")];
    const [{ env }] = deploymentOf(two).spec.template.spec.containers;
    const identity = env.find(({ name }) => name === IDENTITY)?.valueFrom?.fieldRef.fieldPath;
    assert.equal(identity, "metadata.name");
    assert.equal(kindsOf(two).length, kindsOf(one).length + 3);
    for (const kind of ["PodDisruptionBudget", "Role", "RoleBinding"]) assert.ok(kindsOf(two).includes(kind));
    assert.ok("topologySpreadConstraints" in deploymentOf(two).spec.template.spec);
  });

  for (const [option, value] of optionCases(goodOptions)) {
    it(`takes ${option} ${JSON.stringify(value)}, as the locker does`, async () => {
      const objects = await render(`--set-json=options.${option}=${JSON.stringify(value)}`);
      const { env } = deploymentOf(objects).spec.template.spec.containers[0];
      assert.equal(env.find(({ name }) => name === variableOf(option))?.value, String(value));
      readConfig({ [variableOf(option)]: String(value) });
    });
  }

  for (const [option, value] of optionCases(badOptions)) {
    it(`refuses ${option} ${JSON.stringify(value)}, as the locker does`, async () => {
      await assert.rejects(render(`--set-json=options.${option}=${JSON.stringify(value)}`), CommandError);
      assert.throws(() => readConfig({ [variableOf(option)]: String(value) }), ConfigError);
    });
  }

  it("brings no role itself that its aggregated role takes in, which would come back after both are deleted", async () => {
    const objects = await render();
    const selectors = objects.flatMap(
      object => aggregatedSchema.safeParse(object).data?.aggregationRule ?? [],
    );
    const [[label = "", value] = []] = selectors.flatMap(({ clusterRoleSelectors: [{ matchLabels }] }) =>
      Object.entries(matchLabels),
    );
    assert.equal(value, "helm-locker");
    const taken = objects.filter(({ metadata }) => metadata.labels?.[label] === value);
    assert.deepEqual(taken, []);
  });

  it("lets nobody write HelmReleases by Kubernetes' own roles, unless that is asked for", async () => {
    const aggregated = async (...flags: string[]): Promise<string[]> =>
      (await render(...flags)).flatMap(({ metadata: { name, labels = {} } }) =>
        Object.keys(labels)
          .filter(label => label.startsWith(AGGREGATE_TO))
          .map(label => `${name} in ${label.slice(AGGREGATE_TO.length)}`),
      );
    assert.deepEqual(await aggregated(), [`${VIEWER} in view`]);
    const asked = await aggregated("--set=rbac.aggregateToEdit=true");
    assert.deepEqual(asked.sort(), [`${EDITOR} in edit`, `${VIEWER} in view`]);
  });

  it("has roles to bind by hand, one that only reads HelmReleases and one that writes them", async () => {
    for (const role of (await render()).filter(({ metadata: { name } }) => [VIEWER, EDITOR].includes(name))) {
      const { name } = role.metadata;
      await controlPlane.kubectl(["apply", "-f", "-"], { input: JSON.stringify(role) });
      const binding = [`--clusterrole=${name}`, `--user=${name}`, `--namespace=${NAMESPACE}`];
      await controlPlane.kubectl(["create", "rolebinding", name, ...binding]);
    }
    const rights = Promise.all([may(VIEWER, "list"), may(VIEWER, "create"), may(EDITOR, "create")]);
    assert.deepEqual(await rights, ["true", "false", "true"]);
  });

  /** The API server's answer whether a user may do that with HelmReleases: "true" or "false". */
  function may(user: string, verb: string): Promise<string> {
    const helmReleases = { group: "helm.cattle.io", resource: "helmreleases", namespace: NAMESPACE };
    const review = {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: { user, resourceAttributes: { ...helmReleases, verb } },
    };
    const create = ["create", "-f", "-", "--output=jsonpath={.status.allowed}"];
    return controlPlane.kubectl(create, { input: JSON.stringify(review) });
  }

  it("has a test that leaves nothing, and whose names are its own", async () => {
    const objects = await template("x".repeat(53), "--show-only=templates/tests/*.yaml");
    const kinds = kindsOf(objects).sort();
    assert.deepEqual(kinds, [
      "ConfigMap",
      "HelmRelease",
      "Pod",
      "Role",
      "Role",
      "RoleBinding",
      "RoleBinding",
      "Secret",
      "Secret",
      "ServiceAccount",
    ]);
    for (const { kind, metadata } of objects) {
      const { annotations = {}, labels = {} } = metadata;
      assert.equal(annotations["helm.sh/hook"], "test", kind);
      // Where it fails, the log of its Pod says why.
      const failed = kind === "Pod" ? "" : ",hook-failed";
      const policy = annotations["helm.sh/hook-delete-policy"];
      assert.equal(policy, `before-hook-creation,hook-succeeded${failed}`, kind);
      assert.notEqual(labels["app.kubernetes.io/name"], "helm-locker", kind);
    }
    const release = objects.find(({ kind }) => kind === "HelmRelease")?.metadata.name ?? "";
    const [name = "", namespace] = release.split(".");
    assert.ok(name.endsWith("-test") && name.length <= 53, release);
    assert.equal(namespace, NAMESPACE);
  });

  it("has the project's version and definitions", async () => {
    const { name, version } = packageJson;
    const shown: unknown = parse(await controlPlane.helm(["show", "chart", `${chart}-${version}.tgz`]));
    assert.partialDeepStrictEqual(shown, { name, version, appVersion: version });
    for (const file of definitions.map(definition => join("crds", fileOf(definition))))
      assert.equal(await readFile(join(chart, file), "utf8"), await readFile(join(ROOT, file), "utf8"));
  });
});
