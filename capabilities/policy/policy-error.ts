import type * as z from "zod";

/** A spec that can't be followed. The message says where, what, and what is accepted. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}

/** What is wrong with a spec, and where. */
export function issueWords({ issues }: z.ZodError): string {
  return issues.map(({ path, message }) => `${["spec", ...path].join(".")}: ${message}`).join("; ");
}
