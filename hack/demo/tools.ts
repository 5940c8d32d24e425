import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { run } from "../lib/command";
import { toolEnvironment } from "../clusters/tools";
import { ROOT } from "../lib/project";

/** A command that a user has in the shell. */
export type Tool = "kubectl" | "helm";

/** Runs a tool in the project's folder and returns its standard output. @throws CommandError */
export type RunTool = (tool: Tool, args: string[], input?: string) => Promise<string>;

/** Where tools come from, whom they talk to, and where they may keep files. */
export interface ToolSetup {
  /** Folders to search, in the form of `$PATH`. */
  path: string;
  kubeconfig: string;
  directory: string;
}

/** Tools that find their cluster in a kubeconfig, whatever the user's environment says, and keep their files in a folder. */
export function toolsFor({ path, kubeconfig, directory }: ToolSetup): RunTool {
  const env = { ...toolEnvironment(directory, kubeconfig), PATH: path };
  return (tool, args, input = "") => run(tool, args, { env, cwd: ROOT, input });
}

/** Whether a tool is on the user's PATH. */
export function isOnPath(tool: Tool): boolean {
  return searchPath().some(folder => existsSync(join(folder, tool)));
}

/** The user's PATH with more folders behind it. */
export function pathWith(folders: string[]): string {
  return [...searchPath(), ...folders].join(delimiter);
}

function searchPath(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter);
}
