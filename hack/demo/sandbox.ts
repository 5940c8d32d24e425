import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { binaries, GoBuildError } from "../artifacts/binaries";
import { startControlPlane } from "../clusters/control-plane";
import { Tools } from "../clusters/tools";
import { Api } from "../lib/api";
import { CommandError, isOnPath } from "../lib/command";
import { withProgress } from "../lib/progress";
import { Supervisor } from "../lib/supervisor";
import { UserError } from "../lib/task";
import { registrationNamespace } from "../locker/prerequisites";
import type { DemoOptions } from "./options";

/** Seconds that the removal of a namespace may take. */
const REMOVAL = 60;

/** Where the demo takes place: its own cluster, or its own namespace in the user's cluster. */
export interface Sandbox {
  /** The cluster's name in a sentence. */
  readonly description: string;
  readonly tools: Tools;
  readonly api: Api;
  /** Where the chart is installed. */
  readonly namespace: string;
  /** Where the HelmRelease lives. */
  readonly registrationNamespace: string;
  /** Lines that make another shell reach the cluster; none if every shell does. */
  readonly exports: readonly string[];
  /** Removes what the demo has created, and returns a sentence that says so. */
  close(): Promise<string>;
}

/**
 * Connects to the user's cluster, or starts one after building its parts.
 * @throws UserError
 */
export function openSandbox(choice: DemoOptions["cluster"]): Promise<Sandbox> {
  return choice === "current" ? inCurrentCluster() : inEmbeddedCluster();
}

async function inEmbeddedCluster(): Promise<Sandbox> {
  const registration = registrationNamespace();
  const bin = await binaries("controlPlane");
  const controlPlane = await withProgress("starting a Kubernetes control plane", startControlPlane);
  const { kubeconfig } = controlPlane;
  const api = await Api.of(kubeconfig);
  return {
    description: "a Kubernetes API server of its own, without nodes",
    tools: controlPlane,
    api,
    namespace: "demo",
    registrationNamespace: registration,
    exports: [`export KUBECONFIG=${kubeconfig}`, ...(hasTools() ? [] : [`export PATH="$PATH:${bin}"`])],
    close: async () => {
      await api.close();
      await controlPlane.stop();
      return "Everything that the demo had made is removed.";
    },
  };
}

/** The demo's own namespace is also the locker's registration namespace, so that it does not disturb a locker that already runs there. */
async function inCurrentCluster(): Promise<Sandbox> {
  const bin = hasTools() ? undefined : await builtTools();
  const namespace = `helm-locker-demo-${randomBytes(3).toString("hex")}`;
  const supervisor = new Supervisor("helm-locker-demo");
  const { directory } = supervisor;
  const tools = new Tools({ bin, directory, kubeconfig: join(directory, "kubeconfig") });
  try {
    // One file with only one context: whatever context the user switches to, the demo stays where it began.
    const view = ["config", "view", "--minify", "--flatten", "--raw"];
    const env = { KUBECONFIG: process.env["KUBECONFIG"] };
    await writeFile(tools.kubeconfig, await reach(tools.kubectl(view, { env })), { mode: 0o600 });
    await reach(tools.kubectl(["version"]));
    const context = (await tools.kubectl(["config", "current-context"])).trim();
    const api = await Api.of(tools.kubeconfig);
    return {
      description: `the cluster of your kubectl context ${context}`,
      tools,
      api,
      namespace,
      registrationNamespace: namespace,
      exports: bin === undefined ? [] : [`export PATH="$PATH:${bin}"`],
      close: async () => {
        await api.close();
        const farewell = await removeNamespace(tools, namespace);
        await supervisor.end();
        return farewell;
      },
    };
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

function hasTools(): boolean {
  return isOnPath("kubectl") && isOnPath("helm");
}

/** The folder of kubectl and helm for a user who lacks one of them. */
async function builtTools(): Promise<string> {
  try {
    return await binaries("controlPlane");
  } catch (error) {
    if (!(error instanceof GoBuildError)) throw error;
    const problem =
      "kubectl and helm are not both on PATH, and cannot be built: install them, then start again.";
    throw new UserError(`${problem}\n${error.message}`, { cause: error });
  }
}

async function reach<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const advice = "set KUBECONFIG and its current context to one that can, or leave out --cluster current";
    throw new UserError(`There is no current cluster that can be reached: ${advice}.\n${error.message}`, {
      cause: error,
    });
  }
}

async function removeNamespace(tools: Tools, namespace: string): Promise<string> {
  const args = ["delete", "namespace", namespace, "--ignore-not-found", `--timeout=${REMOVAL}s`];
  try {
    await withProgress(`removing namespace ${namespace}`, () => tools.kubectl(args));
    return (
      "What the demo had made is removed; what any locker needs stays: namespace pepr-system and the " +
      "definitions of HelmRelease and PeprStore."
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return `Namespace ${namespace} is not gone yet; look what keeps it.\n${error.message}`;
  }
}
