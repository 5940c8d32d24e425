import { NetworkError } from "../../capabilities/cluster/errors";
import { UserError } from "../errors";
import { harmless, harmlessLines } from "./values";

/** An error as one line: what was wrong, and what to do. @param isVerbose whether to add where it comes from */
export function errorLine(error: unknown, isVerbose: boolean): string {
  const line = `error: ${harmless(causeWords(error))}`;
  return isVerbose && error instanceof Error ? `${line}\n${harmlessLines(error.stack ?? "")}` : line;
}

/** Why something could not be done. */
export function causeWords(error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (error instanceof NetworkError) return `the cluster can't be reached: ${firstLine(error.message)}`;
  return firstLine(error instanceof Error ? error.message : String(error));
}

/** Without the request that it names at its end. */
function firstLine(text: string): string {
  const [line = ""] = text.trim().split("\n");
  return line.replace(/ \((GET|POST|PATCH|DELETE) [^)]*\)$/, "");
}
