import { mkdir, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheKey, cached } from "../lib/cache";
import { CommandError, run } from "../lib/command";
import { exitOf, type Supervisor } from "../lib/supervisor";
import { UserError } from "../lib/task";

/** Binaries that one `go build` makes, and how long that takes from scratch on two cores. */
interface ToolSet {
  module: string;
  packages: string[];
  /** What they call the Kubernetes that they are of. */
  version: string;
  names: string;
  duration: string;
}

/** The version that the API server reports: it must be that of k8s.io/kubernetes in go.mod. */
export const KUBERNETES_VERSION = "v1.36.3";

/** The Go modules that name the versions of Kubernetes, etcd and Helm. */
const GO = join(__dirname, "go");

const TOOL_SETS = {
  controlPlane: {
    module: GO,
    packages: [
      "k8s.io/kubernetes/cmd/kube-apiserver",
      "k8s.io/kubernetes/cmd/kubectl",
      "go.etcd.io/etcd/server/v3",
      "helm.sh/helm/v3/cmd/helm",
    ],
    version: KUBERNETES_VERSION,
    names: "kube-apiserver, kubectl, etcd and helm",
    duration: "about 5 minutes",
  },
  controllerManager: {
    module: GO,
    packages: ["k8s.io/kubernetes/cmd/kube-controller-manager"],
    version: KUBERNETES_VERSION,
    names: "kube-controller-manager",
    duration: "about 2 minutes",
  },
  node: {
    module: GO,
    packages: ["k8s.io/kubernetes/cmd/kubelet", "k8s.io/kubernetes/cmd/kube-scheduler"],
    version: KUBERNETES_VERSION,
    names: "kubelet and kube-scheduler",
    duration: "about 3 minutes",
  },
  olderApiServer: {
    module: join(GO, "older"),
    packages: ["k8s.io/kubernetes/cmd/kube-apiserver"],
    version: "v1.34.4",
    names: "an older kube-apiserver",
    duration: "about 3 minutes",
  },
  floorApiServer: {
    module: join(GO, "floor"),
    packages: ["k8s.io/kubernetes/cmd/kube-apiserver"],
    version: "v1.30.14",
    names: "the oldest kube-apiserver that can refuse changes",
    duration: "about 5 minutes",
  },
  helm4: {
    module: join(GO, "helm4"),
    packages: ["helm.sh/helm/v4/cmd/helm"],
    version: KUBERNETES_VERSION,
    names: "helm 4",
    duration: "about 4 minutes",
  },
} satisfies Record<string, ToolSet>;

/** Flags of `go build` for binaries that report a version of Kubernetes. */
function buildFlags(version: string): string[] {
  const [major = "", minor = ""] = version.slice(1).split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  const flags = Object.entries(values).map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`);
  return ["-trimpath", "-ldflags", ["-s -w", ...flags].join(" ")];
}

const VERSION_PACKAGE = "k8s.io/component-base/version";

/** Go is missing, too old, or could not build; the message says what to do about it. */
export class GoBuildError extends UserError {
  override readonly name = "GoBuildError";

  constructor(problem: string, cause?: Error) {
    super(
      `${problem}\nThe embedded control plane is built with Go: install a Go that is at least as new as ` +
        "hack/artifacts/go/go.mod asks for, with access to Go modules, or use an existing cluster instead: " +
        "npm start -- --cluster current",
      { cause },
    );
  }
}

/**
 * Makes sure that the binaries of a set are built, and returns their folder. The folder's name is a key of all the
 * build's inputs, so the folder is built once; processes that ask for it at the same time wait for the first.
 * @throws GoBuildError
 */
export async function binaries(set: keyof typeof TOOL_SETS): Promise<string> {
  const tools = TOOL_SETS[set];
  return cached({
    path: join("bin", `${set}-${await keyOf(tools)}`),
    line: `building ${tools.names}, once, ${tools.duration}`,
    build: (output, supervisor) => build(tools, output, supervisor),
  });
}

async function keyOf({ module, packages, version }: ToolSet): Promise<string> {
  const files = await Promise.all(["go.mod", "go.sum"].map(name => readFile(join(module, name))));
  return cacheKey([...files, ...packages, ...buildFlags(version), await goVersion(module)]);
}

/** The version and platform that Go builds this module with; `go list` refuses a Go older than go.mod requires. */
async function goVersion(module: string): Promise<string> {
  try {
    await run("go", ["list", "-m"], { cwd: module, env: process.env });
    return await run("go", ["env", "GOVERSION", "GOOS", "GOARCH"], { cwd: module, env: process.env });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const isMissing = error.exitCode === undefined;
    throw new GoBuildError(isMissing ? "Go is not installed." : `Go cannot be used: ${error.message}`, error);
  }
}

async function build(
  { module, packages, version, names }: ToolSet,
  output: string,
  supervisor: Supervisor,
): Promise<void> {
  const logFile = join(supervisor.directory, "log");
  await mkdir(output);
  const log = await open(logFile, "w");
  const go = supervisor.spawn("go", ["build", ...buildFlags(version), "-o", `${output}/`, ...packages], {
    cwd: module,
    env: { ...process.env, CGO_ENABLED: "0" },
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  if ((await exitOf(go)) !== 0) {
    const lines = (await readFile(logFile, "utf8")).trim().split("\n");
    throw new GoBuildError(`Building ${names} failed:\n${lines.slice(-10).join("\n")}`);
  }
}
