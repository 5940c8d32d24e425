import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { PolicySpec } from "../../crds/spec";
import { isObject, type JsonObject } from "../../capabilities/kube/object";
import { PolicyError } from "../../capabilities/policy/policy-error";
import { parsePolicy } from "../../capabilities/state/claim";
import { UserError } from "../errors";

/** What of a spec goes together: where a file has one of these, it has all of them. */
const SUSPENSION = ["suspend", "suspendUntil", "suspendReason"] as const;

/** What a user asks a lock to be. */
export interface AskedSpec {
  /** For a new HelmRelease. */
  readonly spec: PolicySpec;
  /** What makes it of the spec that a HelmRelease has: the fields that are named, each as a whole. */
  readonly patchOf: (current: unknown) => JsonObject;
}

/**
 * What flags ask for: the spec of a file, in which --mode has precedence.
 *
 * @throws UserError if there is no such file, or its spec can't be followed
 */
export function askedSpec({
  filename,
  mode,
}: {
  readonly filename?: string | undefined;
  readonly mode?: "enabled" | "warn" | "disabled" | undefined;
}): AskedSpec {
  const given = filename === undefined ? {} : readSpec(filename);
  const { driftDetection } = given;
  const spec = mode === undefined ? given : { ...given, driftDetection: { ...driftDetection, mode } };
  return {
    spec,
    patchOf: current => {
      const json = asJson(spec);
      if (driftDetection === undefined) return withSuspension(json);
      const before = isObject(current) && isObject(current.driftDetection) ? current.driftDetection : {};
      const gone = Object.fromEntries(Object.keys(before).map(key => [key, null]));
      return withSuspension({ ...json, driftDetection: { ...gone, ...asJson(spec.driftDetection ?? {}) } });
    },
  };
}

function withSuspension(patch: JsonObject): JsonObject {
  if (!SUSPENSION.some(key => key in patch)) return patch;
  return { ...Object.fromEntries(SUSPENSION.map(key => [key, null])), ...patch };
}

function asJson(value: object): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(value));
  return isObject(json) ? json : {};
}

function readSpec(filename: string): PolicySpec {
  const where = filename === "-" ? "the standard input" : filename;
  const given = parsed(filename, where);
  if (!isObject(given)) throw new UserError(`${where} holds no spec: write fields, as in suspend: true`);
  if ("release" in given)
    throw new UserError(`${where} names a release: leave that out, the argument names it`);
  if ("spec" in given)
    throw new UserError(`${where} holds a whole object: keep what is under its spec, without release`);
  try {
    const { spec } = parsePolicy(given);
    const [unknown] = missingIn(spec, given, "spec");
    if (unknown !== undefined) throw new UserError(`${where}: there is no field ${unknown}`);
    return spec;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UserError(`${where}: ${error.message}`, { cause: error });
  }
}

function parsed(filename: string, where: string): unknown {
  try {
    return parse(readFileSync(filename === "-" ? 0 : filename, "utf8"));
  } catch (error) {
    const [why = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    throw new UserError(`${where} can't be read: ${why.replace(/:$/, "")}`, { cause: error });
  }
}

/** What was given and not taken, as a path: a field that nobody knows. */
function missingIn(taken: unknown, given: unknown, path: string): string[] {
  if (Array.isArray(given))
    return given.flatMap((item: unknown, index) =>
      missingIn(Array.isArray(taken) ? taken[index] : undefined, item, `${path}.${index}`),
    );
  if (!isObject(given)) return [];
  return Object.entries(given).flatMap(([key, value]) => {
    const inner = `${path}.${key}`;
    return isObject(taken) && key in taken ? missingIn(taken[key], value, inner) : [inner];
  });
}
