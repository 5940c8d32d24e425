import { cp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { binaries } from "../../artifacts/binaries";
import { freePort } from "../../lib/ports";
import { Supervisor } from "../../lib/supervisor";
import { Tools } from "../tools";
import { readAuditLog, type AuditEvent } from "./audit";
import { createCredentials, writeKubeconfig, type Login } from "./credentials";
import type { Server } from "./server";
import { apiServer, controllerManager, etcdServer, type ApiServerOptions } from "./servers";

/** The variable that says which API server a control plane has: "floor" for the oldest that can refuse changes. */
export const API_SERVER_VARIABLE = "TEST_API_SERVER";

/**
 * Starts a control plane, after building its binaries if necessary. Any number can run at once; each ends with this
 * process, however that ends.
 * @throws GoBuildError if the binaries cannot be built, ServerStartError if a server does not start
 */
export async function startControlPlane(): Promise<ControlPlane> {
  const bin = await binaries("controlPlane");
  const supervisor = new Supervisor("helm-locker");
  const { directory } = supervisor;
  try {
    const credentials = await createCredentials(directory);
    const { etcd, url: etcdUrl } = await etcdServer(supervisor, bin);
    const port = await freePort();
    const server = `https://127.0.0.1:${port}`;
    const auditLog = join(directory, "audit.log");
    const options = { etcdUrl, port, credentials, auditLog };
    const apiOf = (folder: string, other: Partial<ApiServerOptions> = {}) =>
      apiServer(supervisor, folder, { ...options, ...other });
    const api = await apiOf(
      process.env[API_SERVER_VARIABLE] === "floor" ? await binaries("floorApiServer") : bin,
    );
    await etcd.start();
    await api.start();
    const certificate = await readFile(credentials.certificate, "utf8");
    const admin = { certificate, user: "admin", token: credentials.adminToken };
    const kubeconfig = await writeKubeconfig(join(directory, "kubeconfig"), { ...admin, server });
    return new ControlPlane({
      supervisor,
      bin,
      server,
      admin,
      kubeconfig,
      auditLog,
      etcdUrl,
      etcd,
      api,
      apiOf,
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
  admin: Omit<Login, "server">;
  kubeconfig: string;
  auditLog: string;
  etcdUrl: string;
  etcd: Server;
  api: Server;
  /** An API server whose binary is in a folder; in the place of the first, unless its options say otherwise. */
  apiOf: (bin: string, other?: Partial<ApiServerOptions>) => Promise<Server>;
}

/** A Kubernetes control plane: a real etcd and API server on free ports of 127.0.0.1, without nodes. */
export class ControlPlane extends Tools {
  /** The API server's URL. */
  readonly server: string;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    super({ ...parts, directory: parts.supervisor.directory });
    this.server = parts.server;
    this.#parts = parts;
  }

  /** Writes a kubeconfig whose user is an existing ServiceAccount, valid for 24 hours, and returns its path. @throws CommandError */
  async kubeconfigOf(namespace: string, serviceAccount: string): Promise<string> {
    const token = await this.kubectl(["create", "token", serviceAccount, "-n", namespace, "--duration=24h"]);
    const {
      server,
      admin: { certificate },
    } = this.#parts;
    return writeKubeconfig(join(this.directory, `kubeconfig-${namespace}-${serviceAccount}`), {
      server,
      certificate,
      user: serviceAccount,
      token: token.trim(),
    });
  }

  /** Also runs the controllers: Deployments, Jobs, garbage collection. @throws GoBuildError, ServerStartError */
  async startControllers(): Promise<void> {
    const bin = await binaries("controllerManager");
    await controllerManager(this.#parts.supervisor, bin, this.kubeconfig).start();
  }

  /** Ends the API server at once, like a crash. */
  stopApiServer(): Promise<void> {
    return this.#parts.api.stop();
  }

  /** Starts the API server on the same port with the same certificates and waits until it is ready. @throws ServerStartError */
  startApiServer(): Promise<void> {
    return this.#parts.api.start();
  }

  /** Ends etcd at once, like a crash; the API server then answers with errors. */
  stopEtcd(): Promise<void> {
    return this.#parts.etcd.stop();
  }

  /** Starts etcd with the same data and waits until it is ready, and the API server too if it runs. @throws ServerStartError */
  async startEtcd(): Promise<void> {
    await this.#parts.etcd.start();
    if (this.#parts.api.running) await this.#parts.api.ready();
  }

  /** Replaces the API server by one of another Kubernetes version, on the same data. @throws GoBuildError, ServerStartError */
  async changeApiServer(version: "newer" | "older"): Promise<void> {
    const bin = await binaries(version === "newer" ? "controlPlane" : "olderApiServer");
    await this.stopApiServer();
    this.#parts.api = await this.#parts.apiOf(bin);
    await this.startApiServer();
  }

  /**
   * Starts another API server on the same etcd, with an audit log of its own.
   *
   * @param through where it reaches etcd, of etcd's URL
   * @returns the path of the administrator's kubeconfig for it
   * @throws ServerStartError
   */
  async addApiServer(through: (etcdUrl: string) => Promise<string>): Promise<string> {
    const { apiOf, bin, etcdUrl, admin } = this.#parts;
    const port = await freePort();
    const auditLog = join(this.directory, `audit-${port}.log`);
    const api = await apiOf(bin, { etcdUrl: await through(etcdUrl), port, auditLog });
    await api.start();
    const login = { ...admin, server: `https://127.0.0.1:${port}` };
    return writeKubeconfig(join(this.directory, `kubeconfig-${port}`), login);
  }

  /**
   * Copies etcd's data, for which the control plane stops for a moment.
   *
   * @returns restores that copy, for which it stops again
   */
  async backUp(): Promise<() => Promise<void>> {
    const data = join(this.directory, "etcd");
    const copy = join(this.directory, "etcd-copy");
    await this.#whileStopped(() => cp(data, copy, { recursive: true }));
    return () =>
      this.#whileStopped(async () => {
        await rm(data, { recursive: true });
        await cp(copy, data, { recursive: true });
      });
  }

  async #whileStopped(work: () => Promise<void>): Promise<void> {
    await this.stopApiServer();
    await this.stopEtcd();
    await work();
    await this.startEtcd();
    await this.startApiServer();
  }

  /** Every request answered so far, writes with their bodies. */
  auditLog(): Promise<AuditEvent[]> {
    return readAuditLog(this.#parts.auditLog);
  }

  /** Ends everything and removes its folder. */
  stop(): Promise<void> {
    return this.#parts.supervisor.end();
  }
}
