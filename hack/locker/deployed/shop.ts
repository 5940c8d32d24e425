import { join } from "node:path";
import type { Tools } from "../../clusters/tools";
import { ROOT } from "../../lib/project";
import { helmRelease, REGISTRATION_NAMESPACE } from "../helm-release";

const CRD = "crd/helmreleases.helm.cattle.io";

/** The demo's chart. */
export const SHOP = join(ROOT, "hack", "demo", "shop");

/** The namespace of its release. */
const DEMO = "demo";

/** Installs the demo's chart, registers the release as `hrl/shop` in `cattle-helm-system`, and waits until it is locked. */
export async function lockShop(cluster: Tools): Promise<void> {
  await cluster.helm(["install", "shop", SHOP, `--namespace=${DEMO}`, "--create-namespace"]);
  // kubectl fails on a condition as long as there are none: they come with the accepted names.
  const named = "--for=jsonpath={.status.acceptedNames.kind}=HelmRelease";
  for (const state of ["--for=create", named, "--for=condition=Established"])
    await cluster.kubectl(["wait", state, CRD, "--timeout=30s"]);
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: REGISTRATION_NAMESPACE } };
  const metadata = { namespace: REGISTRATION_NAMESPACE };
  for (const object of [namespace, helmRelease("shop", { namespace: DEMO, metadata })])
    await cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(object) });
  const locked = ["wait", "hrl/shop", `--namespace=${REGISTRATION_NAMESPACE}`, "--for=condition=Locked"];
  await cluster.kubectl([...locked, "--timeout=30s"]);
}

/** Edits the ConfigMap, deletes the Service, adds a field to the Deployment, and returns the original greeting. */
export async function driftShop(cluster: Tools): Promise<string> {
  const greeting = await greetingOf(cluster);
  await editGreeting(cluster);
  await inDemo(cluster, "delete", "service", "shop");
  const addition = JSON.stringify({ spec: { revisionHistoryLimit: 3 } });
  await inDemo(cluster, "patch", "deployment", "shop", "--type=merge", `--patch=${addition}`);
  return greeting;
}

/** Waits until everything that {@link driftShop} does is undone. @throws CommandError */
export async function untilRestored(cluster: Tools, greeting: string): Promise<void> {
  const untilField = (object: string, field: string, value: string): Promise<string> =>
    inDemo(cluster, "wait", object, `--for=jsonpath={${field}}=${value}`, "--timeout=60s");
  await untilField("configmap/shop", ".data.greeting", greeting);
  await inDemo(cluster, "wait", "--for=create", "service/shop", "--timeout=60s");
  // The chart leaves the field out, so it has Kubernetes' default again.
  await untilField("deployment/shop", ".spec.revisionHistoryLimit", "10");
}

/** Edits the ConfigMap by hand. @param namespace of the release */
export async function editGreeting(cluster: Tools, namespace = DEMO): Promise<void> {
  const patch = '--patch={"data":{"greeting":"Closed"}}';
  await kubectlIn(cluster, namespace, "patch", "configmap", "shop", "--type=merge", patch);
}

/** The greeting in the ConfigMap. @param namespace of the release */
export function greetingOf(cluster: Tools, namespace = DEMO): Promise<string> {
  return kubectlIn(cluster, namespace, "get", "configmap", "shop", "--output=jsonpath={.data.greeting}");
}

/** Runs kubectl in the release's namespace. */
export function inDemo(cluster: Tools, ...args: string[]): Promise<string> {
  return kubectlIn(cluster, DEMO, ...args);
}

/** Runs kubectl in a namespace. */
export function kubectlIn(cluster: Tools, namespace: string, ...args: string[]): Promise<string> {
  return cluster.kubectl([`--namespace=${namespace}`, ...args]);
}
