import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
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
  /** The spec of a HelmRelease once that is asked of it: the fields that are named change, each as a whole. */
  readonly appliedTo: (current: unknown) => JsonObject;
  /** The merge patch that makes it so. */
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
  const appliedTo = (current: unknown) => {
    const [before, json] = [isObject(current) ? current : {}, asJson(spec)];
    const kept = SUSPENSION.some(key => key in json) ? without(before, SUSPENSION) : before;
    const whole = { ...kept, ...json };
    const detection = driftDetection === undefined ? before.driftDetection : undefined;
    if (!isObject(detection) || !isObject(json.driftDetection)) return whole;
    return { ...whole, driftDetection: { ...detection, ...json.driftDetection } };
  };
  return { spec, appliedTo, patchOf: current => patchTo(appliedTo(current), current) };
}

function without(map: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** The merge patch (RFC 7386) that makes one map of another one. */
function patchTo(after: JsonObject, current: unknown): JsonObject {
  const before = isObject(current) ? current : {};
  const gone = Object.keys(before).filter(key => !Object.hasOwn(after, key));
  const changed = Object.entries(after).filter(([key, value]) => !isDeepStrictEqual(value, before[key]));
  return Object.fromEntries([
    ...gone.map(key => [key, null] as const),
    ...changed.map(([key, value]) => [key, isObject(value) ? patchTo(value, before[key]) : value] as const),
  ]);
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
