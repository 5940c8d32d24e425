import { KubeConfig } from "@kubernetes/client-node";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KubeClient } from "../../capabilities/cluster/client";
import { registrationNamespace } from "../locker/prerequisites";
import { CommandError, run } from "../lib/command";
import { binaries, GoBuildError, startControlPlane } from "../clusters/control-plane";
import { withProgress } from "../lib/progress";
import { Supervisor } from "../lib/supervisor";
import { UserError } from "../lib/task";
import type { ClusterChoice } from "./options";
import { isOnPath, pathWith, toolsFor, type RunTool } from "./tools";

/** Seconds that a namespace may take to go. */
const REMOVAL = 60;

/** Where the demo takes place. */
export interface DemoCluster {
  /** What to call it in a sentence. */
  readonly description: string;
  readonly kubeconfig: string;
  readonly client: KubeClient;
  /** Where the chart is installed. */
  readonly namespace: string;
  /** Where the HelmRelease lives. */
  readonly registrationNamespace: string;
  /** Lines with which another shell reaches the cluster; none where any shell does. */
  readonly exports: readonly string[];
  readonly run: RunTool;
  /** Removes what the demo has made, and returns a sentence that says so. */
  close(): Promise<string>;
}

/**
 * Reaches the user's cluster, or starts one after building what it consists of.
 * @throws UserError
 */
export function openCluster(choice: ClusterChoice): Promise<DemoCluster> {
  return choice === "current" ? currentCluster() : embeddedCluster();
}

async function embeddedCluster(): Promise<DemoCluster> {
  const registration = registrationNamespace();
  const bin = await binaries("controlPlane");
  const controlPlane = await withProgress("starting a Kubernetes control plane", () => startControlPlane());
  const { directory, kubeconfig } = controlPlane;
  const client = clientOf(kubeconfig);
  const hasTools = isOnPath("kubectl") && isOnPath("helm");
  return {
    description: "a Kubernetes API server of its own, without nodes",
    kubeconfig,
    client,
    namespace: "demo",
    registrationNamespace: registration,
    exports: [`export KUBECONFIG=${kubeconfig}`, ...(hasTools ? [] : [`export PATH="$PATH:${bin}"`])],
    run: toolsFor({ path: bin, kubeconfig, directory }),
    close: async () => {
      await client.close();
      await controlPlane.stop();
      return "Everything that the demo had made is removed.";
    },
  };
}

/** The demo's own namespace is the locker's registration namespace, too, so that a locker that runs there already is not disturbed. */
async function currentCluster(): Promise<DemoCluster> {
  const bin = await toolsForCurrent();
  const path = pathWith(bin);
  const namespace = `helm-locker-demo-${randomBytes(3).toString("hex")}`;
  const supervisor = new Supervisor("helm-locker-demo");
  const { directory } = supervisor;
  const kubeconfig = join(directory, "kubeconfig");
  const runTool = toolsFor({ path, kubeconfig, directory });
  try {
    // One file with the one context: whatever the user switches to meanwhile, the demo stays where it began.
    const view = ["config", "view", "--minify", "--flatten", "--raw"];
    const env = { ...process.env, PATH: path };
    await writeFile(kubeconfig, await reach(() => run("kubectl", view, { env })), { mode: 0o600 });
    await reach(() => runTool("kubectl", ["version"]));
    const context = (await runTool("kubectl", ["config", "current-context"])).trim();
    const client = clientOf(kubeconfig);
    return {
      description: `the cluster of your kubectl context ${context}`,
      kubeconfig,
      client,
      namespace,
      registrationNamespace: namespace,
      exports: bin.map(folder => `export PATH="$PATH:${folder}"`),
      run: runTool,
      close: async () => {
        await client.close();
        const farewell = await removeNamespace(runTool, namespace);
        await supervisor.end();
        return farewell;
      },
    };
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

/** The folder of kubectl and helm where the user lacks one of them. */
async function toolsForCurrent(): Promise<string[]> {
  if (isOnPath("kubectl") && isOnPath("helm")) return [];
  try {
    return [await binaries("controlPlane")];
  } catch (error) {
    if (!(error instanceof GoBuildError)) throw error;
    const problem =
      "kubectl and helm are not both on PATH, and cannot be built: install them, then start again.";
    throw new UserError(`${problem}\n${error.message}`, { cause: error });
  }
}

async function reach<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const advice = "set KUBECONFIG and its current context to one that can, or leave out --cluster current";
    throw new UserError(`There is no current cluster that can be reached: ${advice}.\n${error.message}`, {
      cause: error,
    });
  }
}

async function removeNamespace(runTool: RunTool, namespace: string): Promise<string> {
  const args = ["delete", "namespace", namespace, "--ignore-not-found", `--timeout=${REMOVAL}s`];
  try {
    await withProgress(`removing namespace ${namespace}`, () => runTool("kubectl", args));
    return (
      "What the demo had made is removed; what any locker needs stays: namespace pepr-system and the " +
      "definitions of HelmRelease and PeprStore."
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return `Namespace ${namespace} is not gone yet; look what keeps it.\n${error.message}`;
  }
}

function clientOf(kubeconfig: string): KubeClient {
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  return new KubeClient(kubeConfig);
}
