import { join } from "node:path";
import type { Credentials } from "../control-plane/credentials";
import type { Server } from "../control-plane/server";
import { apiServerFlags } from "../control-plane/servers";
import { API_SERVICE_IP, NODE_IP, SERVICE_RANGE } from "./network";
import { nodeServer, type NodeParts } from "./parts";

const ETCD_URL = "http://127.0.0.1:2379";

/** What the servers that use ServiceAccount tokens are started from. */
export interface ServerOptions {
  binary: string;
  credentials: Credentials;
  isReady: () => Promise<boolean>;
}

/** The file to which the API server writes every answered request. */
export function auditLogFile(parts: NodeParts): string {
  return join(parts.directory, "audit.log");
}

export function etcd(parts: NodeParts, binary: string): Server {
  return nodeServer(parts, {
    name: "etcd",
    commandLine: [
      binary,
      `--data-dir=${join(parts.directory, "etcd")}`,
      `--listen-client-urls=${ETCD_URL}`,
      `--advertise-client-urls=${ETCD_URL}`,
      "--listen-peer-urls=http://127.0.0.1:2380",
      "--unsafe-no-fsync",
      "--log-level=warn",
    ],
    // The API server waits for etcd.
    isReady: () => Promise.resolve(true),
  });
}

/** An API server as in a real cluster: it admits ServiceAccounts, and calls webhooks at the addresses of their Pods. */
export async function apiServer(
  parts: NodeParts,
  { binary, credentials, isReady }: ServerOptions,
): Promise<Server> {
  const common = { etcdUrl: ETCD_URL, credentials, auditLog: auditLogFile(parts) };
  return nodeServer(parts, {
    name: "kube-apiserver",
    commandLine: [
      binary,
      ...(await apiServerFlags(parts.directory, common)),
      "--secure-port=443",
      `--advertise-address=${NODE_IP}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      // Without kube-proxy, no Service has an address that leads anywhere.
      "--enable-aggregator-routing=true",
      "--kubelet-preferred-address-types=InternalIP",
    ],
    isReady,
  });
}

/** Handles Deployments, Jobs, ServiceAccounts, garbage collection and the deletion of namespaces. */
export function controllerManager(parts: NodeParts, { binary, credentials, isReady }: ServerOptions): Server {
  return nodeServer(parts, {
    name: "kube-controller-manager",
    commandLine: [
      binary,
      `--kubeconfig=${parts.kubeconfig}`,
      "--leader-elect=false",
      "--secure-port=0",
      `--service-account-private-key-file=${credentials.serviceAccountKey}`,
      `--root-ca-file=${credentials.certificate}`,
    ],
    isReady,
  });
}

export function scheduler(parts: NodeParts, binary: string): Server {
  return nodeServer(parts, {
    name: "kube-scheduler",
    commandLine: [binary, `--kubeconfig=${parts.kubeconfig}`, "--leader-elect=false", "--secure-port=0"],
    isReady: () => Promise.resolve(true),
  });
}

/** The URL of the API server in the node's network. */
export const API_SERVER_URL = `https://${API_SERVICE_IP}:443`;
