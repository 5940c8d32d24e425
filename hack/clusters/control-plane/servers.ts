import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, request } from "undici";
import { freePort } from "../../lib/ports";
import type { Supervisor } from "../../lib/supervisor";
import { AUDIT_POLICY } from "./audit";
import type { Credentials } from "./credentials";
import { Server } from "./server";

/** etcd on two free ports, with its data in the supervisor's folder; returned with its client URL. */
export async function etcdServer(
  supervisor: Supervisor,
  bin: string,
): Promise<{ etcd: Server; url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const etcd = new Server(supervisor, {
    name: "etcd",
    // Go names a binary after its package's folder: go.etcd.io/etcd/server.
    binary: join(bin, "server"),
    flags: [
      `--data-dir=${join(supervisor.directory, "etcd")}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=http://127.0.0.1:${await freePort()}`,
      "--unsafe-no-fsync",
      `--quota-backend-bytes=${8 * 1024 ** 3}`,
      "--log-level=warn",
    ],
    isReady: async () => (await statusOf(`${url}/health`)) === 200,
  });
  return { etcd, url };
}

/** What an API server needs besides its binaries: the database, and where it listens. */
export interface ApiServerOptions {
  etcdUrl: string;
  port: number;
  credentials: Credentials;
  auditLog: string;
}

/**
 * The flags of every API server here: RBAC, ServiceAccount tokens and an audit log.
 *
 * @param directory where the audit policy is written
 */
export async function apiServerFlags(
  directory: string,
  { etcdUrl, credentials, auditLog }: Omit<ApiServerOptions, "port">,
): Promise<string[]> {
  const auditPolicy = join(directory, "audit-policy.json");
  await writeFile(auditPolicy, JSON.stringify(AUDIT_POLICY));
  return [
    `--etcd-servers=${etcdUrl}`,
    `--cert-dir=${credentials.certificateDirectory}`,
    `--token-auth-file=${credentials.tokenFile}`,
    "--authorization-mode=RBAC",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${credentials.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${credentials.serviceAccountKey}`,
    "--allow-privileged=true",
    `--audit-policy-file=${auditPolicy}`,
    `--audit-log-path=${auditLog}`,
    // Megabytes; never rotated, so that the log is complete.
    "--audit-log-maxsize=100000",
  ];
}

/** An API server with RBAC, ServiceAccount tokens and an audit log; it is ready when the first namespaces also exist. */
export async function apiServer(
  supervisor: Supervisor,
  bin: string,
  options: ApiServerOptions,
): Promise<Server> {
  const { port, credentials } = options;
  return new Server(supervisor, {
    name: "kube-apiserver",
    binary: join(bin, "kube-apiserver"),
    flags: [
      ...(await apiServerFlags(supervisor.directory, options)),
      "--bind-address=127.0.0.1",
      `--secure-port=${port}`,
      "--service-cluster-ip-range=10.0.0.0/24",
      // Without a controller manager, no namespace gets its default ServiceAccount, and every Pod would be refused.
      "--disable-admission-plugins=ServiceAccount",
    ],
    isReady: () => isApiServerReady(`https://127.0.0.1:${port}`, credentials),
  });
}

/** Handles Deployments, Jobs, garbage collection and the deletion of namespaces. */
export function controllerManager(supervisor: Supervisor, bin: string, kubeconfig: string): Server {
  return new Server(supervisor, {
    name: "kube-controller-manager",
    binary: join(bin, "kube-controller-manager"),
    flags: [
      `--kubeconfig=${kubeconfig}`,
      "--leader-elect=false",
      "--secure-port=0",
      // Each controller has its own name, as in a cluster that somebody runs.
      "--use-service-account-credentials",
      "--horizontal-pod-autoscaler-sync-period=1s",
    ],
    isReady: () => Promise.resolve(true),
  });
}

async function isApiServerReady(server: string, { certificate, adminToken }: Credentials): Promise<boolean> {
  let ca: Buffer;
  try {
    ca = await readFile(certificate);
  } catch {
    return false; // The API server makes it at its first start.
  }
  const options = { ca, headers: { authorization: `Bearer ${adminToken}` } };
  // The namespaces are created a moment after the server reports ready.
  for (const path of ["/readyz", "/api/v1/namespaces/default", "/api/v1/namespaces/kube-system"]) {
    if ((await statusOf(`${server}${path}`, options)) !== 200) return false;
  }
  return true;
}

/** The HTTP status of a GET; undefined without an answer. */
async function statusOf(
  url: string,
  { ca, headers = {} }: { ca?: Buffer; headers?: Record<string, string> } = {},
): Promise<number | undefined> {
  const dispatcher = new Agent({ connect: { ca }, headersTimeout: 2000 });
  try {
    const { statusCode, body } = await request(url, { dispatcher, headers });
    await body.dump();
    return statusCode;
  } catch {
    return undefined;
  } finally {
    await dispatcher.destroy();
  }
}
