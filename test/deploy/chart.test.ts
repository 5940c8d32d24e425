import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { z } from "zod";
import { megabytes } from "../../hack/bench/statistics";
import { startPodCluster } from "../../hack/clusters/choice";
import type { PodCluster } from "../../hack/clusters/pod-cluster";
import type { RealNode } from "../../hack/clusters/real-node";
import { untilSeen } from "../../hack/lib/patience";
import {
  CHART_PODS,
  CHART_USER,
  installChart,
  LOCKER_NAMESPACE,
  LOCKER_RELEASE,
  operation,
} from "../../hack/locker/deployed/chart";
import { podOf, untilRolledOut } from "../../hack/locker/deployed/pods";
import { breaches } from "../support/audit";
import { choice, onNode, skip } from "./chosen";
import { evictPod, killPod } from "./pods";
import { assertReverts, assertUnlocks, slowestRevert, testLock } from "./proof";

/** A revert that takes a second, in milliseconds, with the start of the kubectl that waits for it. */
const WITH_KUBECTL = 1_500;

/** The locker's lock on its own release. */
const OWN_LOCK = {
  apiVersion: "helm.cattle.io/v1alpha1",
  kind: "HelmRelease",
  metadata: { name: LOCKER_RELEASE, namespace: "cattle-helm-system" },
  spec: { release: { name: LOCKER_RELEASE, namespace: LOCKER_NAMESPACE } },
};

const TEST = ["test", LOCKER_RELEASE, `--namespace=${LOCKER_NAMESPACE}`];

const isWaiting = (flag: string): boolean => flag.startsWith("--wait") || flag.startsWith("--timeout");

const endedPod = z.object({
  metadata: z.object({ deletionTimestamp: z.iso.datetime(), deletionGracePeriodSeconds: z.number() }),
  status: z.object({
    containerStatuses: z.tuple([
      z.object({
        state: z.object({ terminated: z.object({ exitCode: z.number(), finishedAt: z.iso.datetime() }) }),
      }),
    ]),
  }),
});

suite("helm install of the chart", { skip }, () => {
  let cluster: PodCluster;
  let node: RealNode;
  const inLocker = (...args: string[]): Promise<string> =>
    cluster.kubectl([`--namespace=${LOCKER_NAMESPACE}`, ...args]);
  const apply = (object: object): Promise<string> =>
    cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(object) });
  /** What is there because of `helm test`, its lock and its record included, one name a line. */
  const ofTest = async (): Promise<string> => {
    const kinds = "pods,secrets,configmaps,serviceaccounts,roles,rolebindings,hrl,helmreleasememories";
    const all = await cluster.kubectl(["get", kinds, "--all-namespaces", "--output=name"]);
    return all
      .split("\n")
      .filter(name => name.includes("locker-test"))
      .join("\n");
  };
  /** Leaves what a test that is cut off before its Pod runs leaves: a locked release. */
  const leaveBehind = async (): Promise<void> => {
    const show = "--show-only=templates/tests/release.yaml";
    const [, ...flags] = await operation("install");
    const rendered = await cluster.helm(["template", ...flags.filter(flag => !isWaiting(flag)), show]);
    const documents = rendered.split(/^---$/m).filter(text => !text.includes('hook-weight: "0"'));
    await cluster.kubectl(["apply", "--filename=-"], { input: documents.join("---") });
    await untilHelmRelease(`${LOCKER_RELEASE}-test.${LOCKER_NAMESPACE}`, "condition=Locked");
  };
  const untilHelmRelease = (name: string, condition: string): Promise<string> =>
    cluster.kubectl([
      "wait",
      `hrl/${name}`,
      "--namespace=cattle-helm-system",
      `--for=${condition}`,
      "--timeout=60s",
    ]);

  before(async () => {
    const started = await startPodCluster(choice);
    cluster = started.cluster;
    if (started.node !== undefined) node = started.node;
  });

  after(() => cluster.stop());

  test("brings a Pod that is ready where Pod Security's restricted is enforced", async () => {
    await installChart(cluster);
    assert.match(await inLocker("logs", `deployment/${LOCKER_RELEASE}`), /"message":"ready"/);
  });

  testLock(() => cluster, CHART_PODS);

  test("ends in order within 2 s of SIGTERM", async t => {
    await untilRolledOut(cluster, CHART_PODS);
    const pod = await podOf(cluster, CHART_PODS);
    const hold = (finalizers: string[]): Promise<string> =>
      inLocker("patch", "pod", pod, "--type=merge", "--patch", JSON.stringify({ metadata: { finalizers } }));
    // Keeps the Pod readable after it has ended.
    await hold(["example.com/held"]);
    await inLocker("delete", "pod", pod, "--wait=false");
    const ended = "--for=jsonpath={.status.containerStatuses[0].state.terminated.finishedAt}";
    await inLocker("wait", `pod/${pod}`, ended, "--timeout=30s");
    const { metadata, status } = endedPod.parse(
      JSON.parse(await inLocker("get", "pod", pod, "--output=json")),
    );
    await hold([]);
    const { exitCode, finishedAt } = status.containerStatuses[0].state.terminated;
    const asked = Date.parse(metadata.deletionTimestamp) - metadata.deletionGracePeriodSeconds * 1000;
    const took = Date.parse(finishedAt) - asked;
    t.diagnostic(`it took ${took / 1000} s, to the second, from the request to delete the Pod`);
    assert.equal(exitCode, 0);
    assert.ok(took <= 2000, `it took ${took} ms`);
  });

  test("locks its own release, which Helm 3 and Helm 4 can still upgrade", async () => {
    await untilRolledOut(cluster, CHART_PODS);
    await apply(OWN_LOCK);
    await untilHelmRelease(LOCKER_RELEASE, "condition=Ready");
    await inLocker("delete", "service", LOCKER_RELEASE);
    await inLocker("wait", "--for=create", `service/${LOCKER_RELEASE}`, "--timeout=60s");
    await inLocker("scale", `deployment/${LOCKER_RELEASE}`, "--replicas=2");
    await inLocker(
      "wait",
      `deployment/${LOCKER_RELEASE}`,
      "--for=jsonpath={.spec.replicas}=1",
      "--timeout=60s",
    );
    await cluster.helm(await operation("upgrade", "--set=options.logLevel=debug"));
    await assertReverts(cluster);
    await cluster.helm4(await operation("upgrade", "--set=options.stalledAfter=600"));
    await assertReverts(cluster);
    await untilHelmRelease(LOCKER_RELEASE, "condition=Ready");
    const valueOf = (option: string) =>
      `{.spec.template.spec.containers[0].env[?(@.name=="HELM_LOCKER_${option}")].value}`;
    const options = `--output=jsonpath=${valueOf("STALLED_AFTER")} ${valueOf("LOG_LEVEL")}`;
    assert.equal(await inLocker("get", `deployment/${LOCKER_RELEASE}`, options), "600 info");
  });

  for (const helm of ["helm", "helm4"] as const) {
    test(`passes ${helm} test, of which nothing is left, also where one was cut off`, async () => {
      await untilRolledOut(cluster, CHART_PODS);
      await leaveBehind();
      assert.doesNotMatch(await cluster[helm](TEST), /Phase: +Failed/);
      assert.equal(await ofTest(), "");
    });
  }

  test("names the right that it lacks, and goes on once a ClusterRole with its label has it", async () => {
    await cluster.helm(
      await operation("upgrade", "--reset-then-reuse-values", "--set-json=rbac.trackedKinds=[]"),
    );
    const canI = ["auth", "can-i", "patch", "configmaps", "--namespace=demo", `--as=${CHART_USER}`];
    const isLost = async (): Promise<boolean> =>
      (await cluster.kubectl(canI).catch(() => "no")).trim() !== "yes";
    await untilSeen(isLost, "the loss of the right to patch ConfigMaps");

    const greeting = ["get", "configmap", "shop", "--namespace=demo", "--output=jsonpath={.data.greeting}"];
    const before = await cluster.kubectl(greeting);
    await cluster.kubectl([
      "patch",
      "configmap",
      "shop",
      "--namespace=demo",
      '--patch={"data":{"greeting":"Closed"}}',
    ]);
    await untilHelmRelease("shop", "condition=Ready=false");
    for (const helm of ["helm", "helm4"] as const) {
      await assert.rejects(cluster[helm](TEST), /helm-locker-test failed/);
      assert.equal(await ofTest(), "pod/helm-locker-test");
      assert.match(await inLocker("logs", "helm-locker-test"), /the locker may not write any in namespace/);
    }
    await inLocker("delete", "pod", "helm-locker-test");
    const reason = '--output=jsonpath={.status.conditions[?(@.type=="Ready")].message}';
    const message = await cluster.kubectl(["get", "hrl/shop", "--namespace=cattle-helm-system", reason]);
    const rule = /^ConfigMap: the locker may not write any in namespace demo\..*? the rule (\{.*?\})/.exec(
      message,
    )?.[1];
    assert.ok(rule !== undefined, message);
    await apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: "lock-configmaps", labels: { "helmreleases.cattle.io/tracked-by": LOCKER_RELEASE } },
      rules: [JSON.parse(rule)],
    });
    await cluster.kubectl([
      ...["wait", "configmap/shop", "--namespace=demo"],
      ...[`--for=jsonpath={.data.greeting}=${before}`, "--timeout=60s"],
    ]);
    // What of the other kinds may not be written is told until it may.
    await cluster.helm(await operation("upgrade", "--reset-then-reuse-values", "--set=rbac.trackedKinds=*"));
    await untilHelmRelease("shop", "condition=Ready");
  });

  test("has two Pods take turns: a change goes back within a second whatever happens to one of them", async t => {
    await cluster.helm(await operation("upgrade", "--reset-then-reuse-values", "--set=replicas=2"));
    await untilRolledOut(cluster, CHART_PODS);
    const happenings: Record<string, () => Promise<unknown>> = {
      "is killed": () => killPod(cluster, CHART_PODS),
      "is evicted, as by a drain": () => evictPod(cluster, CHART_PODS),
      "is replaced by a restart": () => inLocker("rollout", "restart", `deployment/${LOCKER_RELEASE}`),
      "is replaced by an upgrade": async () =>
        cluster.helm(await operation("upgrade", "--reset-then-reuse-values", "--set=options.logLevel=debug")),
    };
    for (const [what, happens] of Object.entries(happenings)) {
      const happened = happens().then(() => untilRolledOut(cluster, CHART_PODS));
      const slowest = await slowestRevert(cluster, happened);
      t.diagnostic(`one ${what}: the slowest revert took ${Math.round(slowest)} ms`);
      assert.ok(slowest < WITH_KUBECTL, `one ${what}: ${slowest} ms`);
    }
    await untilHelmRelease("shop", "condition=Ready");
    const leases = ["get", "leases", "--namespace=cattle-helm-system", "--output=name"];
    assert.match(await cluster.kubectl(leases), /lease\S*\/helm-locker-0\n.*\/helm-locker-1\n/);
    await cluster.helm(await operation("upgrade", "--reset-then-reuse-values", "--set=replicas=1"));
    await untilRolledOut(cluster, CHART_PODS);
  });

  test("never wrote but as Helm would have", onNode, async () => {
    assert.deepEqual(breaches(await node.auditLog(), CHART_USER), []);
  });

  test("fits into its memory", onNode, async t => {
    await untilRolledOut(cluster, CHART_PODS);
    const { processes, workingSet } = await node.podMemory(
      LOCKER_NAMESPACE,
      await podOf(cluster, CHART_PODS),
    );
    t.diagnostic(`working set ${megabytes(workingSet)}; resident: ${processes.map(megabytes).join(", ")}`);
    assert.ok(workingSet < 128 * 1024 * 1024, "it is over what the chart requests for it");
  });

  test("can be uninstalled without a trace on what it locked", async () => {
    await assertUnlocks(cluster, () =>
      cluster.helm(["uninstall", LOCKER_RELEASE, `--namespace=${LOCKER_NAMESPACE}`, "--wait"]),
    );
    const own = ["delete", `hrl/${LOCKER_RELEASE}`, "--namespace=cattle-helm-system", "--timeout=30s"];
    await cluster.kubectl(own);
    // Helm does not wait for the Pod, which ends after its Deployment.
    await inLocker("wait", "pod", "--all", "--for=delete", "--timeout=30s");
    assert.equal((await inLocker("get", "all", "--output=name")).trim(), "");
    const roles = await cluster.kubectl(["get", "clusterroles,clusterrolebindings", "--output=name"]);
    assert.deepEqual(
      roles.split("\n").filter(name => name.includes(`/${LOCKER_RELEASE}`)),
      [],
    );
  });
});
