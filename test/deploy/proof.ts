import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../hack/project";
import type { RealNode } from "../../hack/real-node";

const HELM_RELEASE = {
  apiVersion: "helm.cattle.io/v1alpha1",
  kind: "HelmRelease",
  metadata: { name: "shop", namespace: "cattle-helm-system" },
  spec: { release: { name: "shop", namespace: "demo" } },
};

/** Installs the demo's chart, locks it, and checks that an edit and a deletion are undone and that Helm gets through. */
export async function assertLocks(node: RealNode): Promise<void> {
  const chart = join(ROOT, "hack", "demo", "shop");
  const inDemo = (...args: string[]): Promise<string> => node.kubectl(["--namespace=demo", ...args]);
  const untilGreeting = (greeting: string): Promise<string> =>
    inDemo("wait", "configmap/shop", `--for=jsonpath={.data.greeting}=${greeting}`, "--timeout=20s");

  await node.kubectl(["create", "namespace", "cattle-helm-system"]);
  await node.helm(["install", "shop", chart, "--namespace=demo", "--create-namespace"]);
  await node.kubectl(["wait", "--for=create", "crd/helmreleases.helm.cattle.io", "--timeout=30s"]);
  await node.kubectl([
    "wait",
    "--for=condition=Established",
    "crd/helmreleases.helm.cattle.io",
    "--timeout=30s",
  ]);
  await node.kubectl(["apply", "-f", "-"], { input: JSON.stringify(HELM_RELEASE) });
  const locked = ["wait", "hrl/shop", "--namespace=cattle-helm-system", "--for=condition=Locked"];
  await node.kubectl([...locked, "--timeout=30s"]);

  await inDemo("patch", "configmap", "shop", "--type=merge", '--patch={"data":{"greeting":"Closed"}}');
  await untilGreeting("Welcome");
  await inDemo("delete", "service", "shop");
  await inDemo("wait", "--for=create", "service/shop", "--timeout=20s");
  await node.helm(["upgrade", "shop", chart, "--namespace=demo", "--set=greeting=Hello"]);
  assert.equal(await inDemo("get", "configmap", "shop", "--output=jsonpath={.data.greeting}"), "Hello");
}
