import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../../lib/command";
import { freePort } from "../../lib/ports";
import type { OnProgress } from "../../lib/progress";
import { Supervisor } from "../../lib/supervisor";
import { readAuditLog, type AuditEvent } from "./audit";
import { binaries } from "../../artifacts/binaries";
import { createCredentials, writeKubeconfig } from "./credentials";
import type { Server } from "./server";
import { apiServer, controllerManager, etcdServer } from "./servers";
import { toolEnvironment } from "../tools";

export { CommandError } from "../../lib/command";
export type { AuditEvent } from "./audit";
export { binaries, GoBuildError } from "../../artifacts/binaries";
export { ServerStartError } from "./server";

/** How to run kubectl or helm: `env` is added to the environment, `kubeconfig` replaces the administrator's, `cwd` this process' folder. */
export interface RunOptions {
  input?: string;
  env?: NodeJS.ProcessEnv;
  kubeconfig?: string;
  cwd?: string;
}

/** A Kubernetes control plane of one's own: a real etcd and API server on free ports of 127.0.0.1, without nodes. */
export interface ControlPlane {
  /** The folder with all its files: data, logs, kubeconfigs. `stop` removes it. */
  readonly directory: string;
  /** The API server's URL. */
  readonly server: string;
  /** The path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Runs kubectl and returns its standard output. @throws CommandError */
  kubectl(args: string[], options?: RunOptions): Promise<string>;
  /** Runs helm 3 and returns its standard output. @throws CommandError */
  helm(args: string[], options?: RunOptions): Promise<string>;
  /** Runs helm 4, built on first use, and returns its standard output. @throws CommandError, GoBuildError */
  helm4(args: string[], options?: RunOptions): Promise<string>;
  /** Writes a kubeconfig whose user is an existing ServiceAccount, good for 24 hours, and returns its path. @throws CommandError */
  kubeconfigOf(namespace: string, serviceAccount: string): Promise<string>;
  /** Ends the API server at once, as a crash would. */
  stopApiServer(): Promise<void>;
  /** Starts the API server on the same port with the same certificates and waits until it is ready. @throws ServerStartError */
  startApiServer(): Promise<void>;
  /** Ends etcd at once, as a crash would; the API server then answers with errors. */
  stopEtcd(): Promise<void>;
  /** Starts etcd with the same data and waits until it, and the API server where it runs, is ready. @throws ServerStartError */
  startEtcd(): Promise<void>;
  /** Every request answered so far, writes with their bodies. */
  auditLog(): Promise<AuditEvent[]>;
  /** Ends all of it and removes its folder. */
  stop(): Promise<void>;
}

/** `controllerManager` also runs the controllers: Deployments, Jobs, garbage collection. `onProgress` is told of slow steps. */
export interface ControlPlaneOptions {
  controllerManager?: boolean;
  onProgress?: OnProgress;
}

/**
 * Starts a control plane, after building its binaries where that was not done before. Any number can run at once; each
 * ends with this process, however that ends.
 * @throws GoBuildError when the binaries cannot be built, ServerStartError when a server does not start
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const bin = await binaries("controlPlane", options.onProgress);
  const controllers = options.controllerManager === true;
  const controllersBin = controllers ? await binaries("controllerManager", options.onProgress) : undefined;
  const supervisor = new Supervisor("helm-locker");
  try {
    const credentials = await createCredentials(supervisor.directory);
    const { etcd, url: etcdUrl } = await etcdServer(supervisor, bin);
    const port = await freePort();
    const server = `https://127.0.0.1:${port}`;
    const auditLog = join(supervisor.directory, "audit.log");
    const api = await apiServer(supervisor, bin, { etcdUrl, port, credentials, auditLog });
    await etcd.start();
    await api.start();
    const certificate = await readFile(credentials.certificate, "utf8");
    const login = { server, certificate, user: "admin", token: credentials.adminToken };
    const kubeconfig = await writeKubeconfig(join(supervisor.directory, "kubeconfig"), login);
    if (controllersBin !== undefined) await controllerManager(supervisor, controllersBin, kubeconfig).start();
    return new EmbeddedControlPlane({
      supervisor,
      bin,
      server,
      certificate,
      kubeconfig,
      auditLog,
      etcd,
      api,
    });
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

interface Parts {
  supervisor: Supervisor;
  bin: string;
  server: string;
  certificate: string;
  kubeconfig: string;
  auditLog: string;
  etcd: Server;
  api: Server;
}

class EmbeddedControlPlane implements ControlPlane {
  readonly directory: string;
  readonly server: string;
  readonly kubeconfig: string;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.directory = parts.supervisor.directory;
    this.server = parts.server;
    this.kubeconfig = parts.kubeconfig;
    this.#parts = parts;
  }

  kubectl(args: string[], options: RunOptions = {}): Promise<string> {
    return this.#run(join(this.#parts.bin, "kubectl"), args, options);
  }

  helm(args: string[], options: RunOptions = {}): Promise<string> {
    return this.#run(join(this.#parts.bin, "helm"), args, options);
  }

  async helm4(args: string[], options: RunOptions = {}): Promise<string> {
    return this.#run(join(await binaries("helm4"), "helm"), args, options);
  }

  async kubeconfigOf(namespace: string, serviceAccount: string): Promise<string> {
    const token = await this.kubectl(["create", "token", serviceAccount, "-n", namespace, "--duration=24h"]);
    const { server, certificate } = this.#parts;
    return writeKubeconfig(join(this.directory, `kubeconfig-${namespace}-${serviceAccount}`), {
      server,
      certificate,
      user: serviceAccount,
      token: token.trim(),
    });
  }

  stopApiServer(): Promise<void> {
    return this.#parts.api.stop();
  }

  startApiServer(): Promise<void> {
    return this.#parts.api.start();
  }

  stopEtcd(): Promise<void> {
    return this.#parts.etcd.stop();
  }

  async startEtcd(): Promise<void> {
    await this.#parts.etcd.start();
    if (this.#parts.api.running) await this.#parts.api.ready();
  }

  auditLog(): Promise<AuditEvent[]> {
    return readAuditLog(this.#parts.auditLog);
  }

  stop(): Promise<void> {
    return this.#parts.supervisor.end();
  }

  #run(
    command: string,
    args: string[],
    { input, env, kubeconfig = this.kubeconfig, cwd = process.cwd() }: RunOptions,
  ): Promise<string> {
    return run(command, args, {
      ...(input === undefined ? {} : { input }),
      cwd,
      env: { ...toolEnvironment(this.directory, kubeconfig), ...env },
    });
  }
}
