import type { ContainerRuntime } from "../../artifacts/container-runtime";
import type { CommandLine } from "../../lib/command";
import type { Supervisor } from "../../lib/supervisor";
import { Server } from "../control-plane/server";
import type { Cgroups } from "./cgroups";
import type { Namespaces } from "./namespaces";

/** What all servers of a node share. */
export interface NodeParts {
  supervisor: Supervisor;
  /** The supervisor's folder. */
  directory: string;
  namespaces: Namespaces;
  cgroups: Cgroups;
  runtime: ContainerRuntime;
  /** Path of a kubeconfig with all rights. */
  kubeconfig: string;
}

/** A server that runs in all of the node's namespaces. */
export interface NodeServerSpec {
  name: string;
  commandLine: CommandLine;
  isReady: () => Promise<boolean>;
}

export function nodeServer({ supervisor, namespaces }: NodeParts, spec: NodeServerSpec): Server {
  const [binary, ...flags] = namespaces.enter(spec.commandLine);
  return new Server(supervisor, { name: spec.name, binary, flags, isReady: spec.isReady });
}
