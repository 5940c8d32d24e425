import { CommandError } from "../lib/command";
import { collection, dataOf, type Body } from "../lib/objects";
import { LockerProcess } from "../locker/process";
import { JANE, untilRefused } from "./refusal";
import type { Sandbox } from "./sandbox";
import type { Screen } from "./screen";
import { Shell } from "./shell";
import { millisecondsToRevert, type Experiment } from "./timeline";

/** The chart's path in the project's folder, and its release. */
export const CHART = "hack/demo/shop";
export const RELEASE = "shop";

const GREETINGS = { first: "Welcome", upgraded: "Good morning", edited: "Closed" };

/** Shows the main job step by step: the command that a user would type, and its result. */
export class Tour {
  readonly #sandbox: Sandbox;
  readonly #screen: Screen;
  readonly #signal: AbortSignal;
  readonly #shell: Shell;
  #locker: LockerProcess | undefined;

  /** @param signal once aborted, no further command runs */
  constructor(sandbox: Sandbox, screen: Screen, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#screen = screen;
    this.#signal = signal;
    this.#shell = new Shell(sandbox, screen, signal);
  }

  /**
   * Goes through all steps, up to the first failure.
   * @returns the locker, which still runs
   * @throws CommandError, LockerExitError, NotRevertedError
   */
  async run(): Promise<LockerProcess> {
    await this.#install();
    await this.#drift();
    const locker = await this.#start();
    await this.#lock();
    await this.#editIsReverted("Somebody edits the ConfigMap.", GREETINGS.first);
    await this.#deletionIsReverted();
    await this.#upgrade();
    await this.#editIsReverted("What the upgrade brought is locked, too.", GREETINGS.upgraded);
    await this.#warn();
    await this.#suspend();
    await this.#refuse();
    return locker;
  }

  /** Ends the locker if it runs. */
  async end(): Promise<void> {
    await this.#locker?.stop();
  }

  async #install(): Promise<void> {
    this.#screen.step("Helm installs a chart: a ConfigMap, a Deployment and a Service.");
    await this.#shell.kubectl(["create", "namespace", this.#sandbox.namespace]);
    await this.#shell.helm(["install", RELEASE, CHART, ...this.#shell.inNamespace]);
  }

  async #drift(): Promise<void> {
    this.#screen.step("Drift is seen without an operator, too: somebody edits the ConfigMap.");
    await this.#edit();
    await this.#onRelease("drift");
  }

  async #start(): Promise<LockerProcess> {
    this.#screen.step("The locker starts.");
    this.#screen.command("npm", ["run", "controller"]);
    const { tools, registrationNamespace: namespace } = this.#sandbox;
    const { kubeconfig } = tools;
    const locker = new LockerProcess({ kubeconfig, namespace, env: { HELM_LOCKER_LOG_LEVEL: "info" } });
    this.#locker = locker;
    const { message } = await locker.ready;
    this.#signal.throwIfAborted();
    this.#screen.output(message);
    return locker;
  }

  async #lock(): Promise<void> {
    this.#screen.step("A HelmRelease locks the release: what was edited goes back.");
    const helmRelease = helmReleaseYaml(this.#sandbox);
    await this.#shell.kubectl(["apply", "-f", "-"], helmRelease);
    await this.#waitFor("condition=Locked");
    await this.#showStatus();
  }

  async #editIsReverted(headline: string, greeting: string): Promise<void> {
    this.#screen.step(headline);
    const milliseconds = await this.#reverted("configmaps", {
      isRight: seen => dataOf(seen).greeting === greeting,
      change: () => this.#edit(),
    });
    this.#screen.moment(0, `greeting is "${GREETINGS.edited}"`, "bad");
    this.#screen.moment(milliseconds, `greeting is "${greeting}" again`, "good");
  }

  async #deletionIsReverted(): Promise<void> {
    this.#screen.step("Somebody deletes the Service.");
    const milliseconds = await this.#reverted("services", {
      isRight: seen => seen !== undefined,
      change: () => this.#shell.kubectl(["delete", "service", RELEASE, ...this.#shell.inNamespace]),
    });
    this.#screen.moment(0, "the Service is gone", "bad");
    this.#screen.moment(milliseconds, "the Service is there again", "good");
  }

  #reverted(plural: string, what: Pick<Experiment, "isRight" | "change">): Promise<number> {
    return millisecondsToRevert({
      ...what,
      api: this.#sandbox.api,
      collection: collection("v1", plural, this.#sandbox.namespace),
      name: RELEASE,
      explain: () => lastLines(this.#locker),
    });
  }

  async #upgrade(): Promise<void> {
    this.#screen.step("Helm itself is not in the way: an upgrade goes through.");
    const value = `greeting=${GREETINGS.upgraded}`;
    await this.#shell.helm(["upgrade", RELEASE, CHART, ...this.#shell.inNamespace, "--set", value]);
    await this.#waitFor("jsonpath={.status.version}=2");
    await this.#waitFor("condition=Locked");
    await this.#showStatus();
  }

  async #warn(): Promise<void> {
    this.#screen.step("In mode warn, drift stands and is told of, until the release is locked again.");
    await this.#onRelease("lock", "--mode", "warn");
    await this.#waitFor('jsonpath={.status.conditions[?(@.type=="Locked")].reason}=Warn');
    await this.#edit();
    await this.#onRelease("drift");
    await this.#onRelease("lock", "--mode", "enabled");
    await this.#onRelease("wait", "--for", "no-drift");
    await this.#onRelease("history");
  }

  async #suspend(): Promise<void> {
    this.#screen.step("Somebody has to work by hand: the lock is suspended, and ends that by itself.");
    await this.#onRelease("suspend", "--for", "1h", "--reason", "maintenance");
    await this.#showStatus();
    await this.#onRelease("resume");
  }

  async #refuse(): Promise<void> {
    this.#screen.step(
      "A change by hand can be refused, too, by the API server itself: Jane, another administrator, tries.",
    );
    const deny = merging({ spec: { admission: { action: "Deny" } } });
    await this.#shell.kubectl(["patch", "hrl", RELEASE, ...this.#shell.inRegistration, ...deny]);
    if (!(await untilRefused(this.#sandbox, RELEASE, this.#signal))) {
      this.#screen.output("This cluster is older than Kubernetes 1.30, which can refuse changes.");
      return;
    }
    const asJane = ["--as", JANE.name, ...JANE.groups.flatMap(group => ["--as-group", group])];
    await this.#edit(...asJane).catch((error: unknown) => {
      if (!(error instanceof CommandError)) throw error;
      this.#screen.output(error.stderr);
    });
  }

  #waitFor(what: string): Promise<void> {
    return this.#shell.quietly(["wait", `hrl/${RELEASE}`, ...this.#shell.inRegistration, `--for=${what}`]);
  }

  #showStatus(): Promise<void> {
    return this.#shell.helmLocker("status", ...this.#shell.inNamespace);
  }

  /** Runs a verb of the command on the release. */
  #onRelease(verb: string, ...flags: string[]): Promise<void> {
    return this.#shell.helmLocker(verb, RELEASE, ...this.#shell.inNamespace, ...flags);
  }

  async #edit(...flags: string[]): Promise<void> {
    const edit = merging({ data: { greeting: GREETINGS.edited } });
    await this.#shell.kubectl(["patch", "configmap", RELEASE, ...this.#shell.inNamespace, ...edit, ...flags]);
  }
}

/** kubectl's flags for a JSON merge patch. */
function merging(patch: Body): string[] {
  return ["--type", "merge", "-p", JSON.stringify(patch)];
}

function helmReleaseYaml({ namespace, registrationNamespace }: Sandbox): string {
  return `apiVersion: helm.cattle.io/v1alpha1
kind: HelmRelease
metadata:
  name: ${RELEASE}
  namespace: ${registrationNamespace}
spec:
  release:
    name: ${RELEASE}
    namespace: ${namespace}
`;
}

function lastLines(locker: LockerProcess | undefined): string {
  const lines = locker?.logs.slice(-5).map(line => JSON.stringify(line)) ?? [];
  return `The locker's last lines:\n${lines.join("\n")}`;
}
