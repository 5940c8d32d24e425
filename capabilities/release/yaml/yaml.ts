import { isAlias, isMap, isScalar, isSeq, Scalar, type YAMLMap } from "yaml";
import type { Json } from "../../kube/object";
import { resolvePlainScalar, type ScalarValue } from "./scalar";
import { MAX_DEPTH, MAX_DOCUMENT_LENGTH, TOO_DEEP, YamlError, yamlBudget, type YamlBudget } from "./limits";
import { parseNodes } from "./parser";

/**
 * Reads one YAML document as Helm does, that is, as sigs.k8s.io/yaml does on go-yaml v2: YAML 1.1 scalars (scalar.ts),
 * the last duplicate key wins, `<<` overrides the keys before it, timestamps stay strings, keys become strings. An
 * empty document is null; text after the document's end marker (`...`) is ignored.
 *
 * @param budget is counted down; pass the same one for all documents of a manifest.
 * @throws YamlError
 */
export function readYaml(source: string, budget: YamlBudget = yamlBudget()): Json {
  if (source.length > MAX_DOCUMENT_LENGTH)
    throw new YamlError(`is longer than ${MAX_DOCUMENT_LENGTH} characters`);
  // In YAML 1.1, all of these end a line and mean a line feed.
  const text = source.replaceAll(/\r\n?|\x85/g, "\n");
  return new Reader(budget).read(parseNodes(text, budget), 0);
}

/** Turns the nodes of one document into JSON, in document order, so that an alias refers to the last anchor before it. */
class Reader {
  readonly #anchors = new Map<string, Json>();
  readonly #budget: YamlBudget;

  constructor(budget: YamlBudget) {
    this.#budget = budget;
  }

  read(node: unknown, depth: number): Json {
    if (depth > MAX_DEPTH) throw new YamlError(TOO_DEEP);
    if (isAlias(node)) return this.#copy(this.#anchored(node.source), depth);
    const value = this.#value(node, depth);
    if ((isMap(node) || isSeq(node) || isScalar(node)) && node.anchor) this.#anchors.set(node.anchor, value);
    return value;
  }

  #value(node: unknown, depth: number): Json {
    if (isMap(node)) return this.#map(node, depth);
    if (isSeq(node)) return node.items.map(item => this.read(item, depth + 1));
    return isScalar(node) ? toJson(readScalar(node)) : null;
  }

  #map(node: YAMLMap, depth: number): Json {
    const entries = new Map<string, Json>();
    for (const { key, value } of node.items) {
      if (isMergeKey(key)) this.#merge(entries, this.read(value, depth + 1));
      else entries.set(this.#key(key, depth + 1), this.read(value, depth + 1));
    }
    // Unlike an assignment, this makes `__proto__` a key like any other.
    return Object.fromEntries(entries);
  }

  #key(node: unknown, depth: number): string {
    if (isScalar(node) && !node.anchor) return keyText(readScalar(node));
    const value = this.read(node, depth);
    if (typeof value === "object") return keyText(null);
    return keyText(typeof value === "number" && Number.isInteger(value) ? BigInt(value) : value);
  }

  /** If there are several maps, the first wins. Unlike in the YAML specification, all of them override the keys before them. */
  #merge(entries: Map<string, Json>, merged: Json) {
    for (const source of Array.isArray(merged) ? merged.toReversed() : [merged]) {
      if (typeof source !== "object" || source === null || Array.isArray(source)) {
        throw new YamlError("merges (<<) something that is not a map");
      }
      for (const [key, value] of Object.entries(source)) entries.set(key, value);
    }
  }

  #anchored(name: string): Json {
    const value = this.#anchors.get(name);
    if (value === undefined) throw new YamlError("has an alias without its anchor before it");
    return value;
  }

  #copy(value: Json, depth: number): Json {
    if (depth > MAX_DEPTH) throw new YamlError(TOO_DEEP);
    this.#charge(typeof value === "string" ? 1 + value.length : 1);
    if (Array.isArray(value)) return value.map(item => this.#copy(item, depth + 1));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        this.#charge(key.length);
        return [key, this.#copy(item, depth + 1)];
      }),
    );
  }

  #charge(cost: number) {
    this.#budget.aliased -= cost;
    if (this.#budget.aliased < 0) throw new YamlError("expands its aliases beyond any reasonable size");
  }
}

const TAG_PREFIX = "tag:yaml.org,2002:";

/** Tags against which Helm checks a scalar, and the type that the scalar then has to have. */
const CHECKED_TAGS = new Map([
  [`${TAG_PREFIX}int`, "bigint"],
  [`${TAG_PREFIX}float`, "number"],
  [`${TAG_PREFIX}bool`, "boolean"],
  [`${TAG_PREFIX}null`, "object"],
]);

function readScalar(scalar: Scalar): ScalarValue {
  const text = String(scalar.value);
  const { tag, type } = scalar;
  if (tag === undefined) return type === Scalar.PLAIN ? resolvePlainScalar(text) : text;
  if (tag === `${TAG_PREFIX}binary`) return Buffer.from(text, "base64").toString();
  const wanted = CHECKED_TAGS.get(tag);
  return wanted === undefined ? text : readChecked(text, wanted);
}

/** Source: go-yaml v2, resolve.go: an integer may be tagged a float, nothing else may be what it is not. */
function readChecked(text: string, wanted: string): ScalarValue {
  const value = resolvePlainScalar(text);
  if (typeof value === wanted) return value;
  if (wanted === "number" && typeof value === "bigint" && isInt64(value)) return Number(value);
  throw new YamlError("has a scalar that is not what its tag says");
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return key.tag === undefined ? key.type === Scalar.PLAIN : key.tag === `${TAG_PREFIX}merge`;
}

function toJson(value: ScalarValue): Json {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (typeof value === "string") return detached(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new YamlError("holds .inf or .nan, which JSON does not have");
  }
  return value;
}

/** V8 makes substrings views of the whole text: one kept value would hold the whole manifest in memory. */
function detached(text: string): string {
  return Buffer.from(text).toString();
}

/** A key as Go prints it; Go refuses integers beyond int64: sigs.k8s.io/yaml, convertToJSONableObject. */
function keyText(key: ScalarValue): string {
  if (key === null) throw new YamlError("has a key that is null, a list or a map");
  if (typeof key === "bigint" && !isInt64(key)) throw new YamlError("has a key beyond 64 bits: quote it");
  return typeof key === "number" ? floatText(Math.fround(key)) : String(key);
}

function floatText(single: number): string {
  if (Number.isNaN(single)) return ".nan";
  if (!Number.isFinite(single)) return single > 0 ? ".inf" : "-.inf";
  return singleText(single);
}

/** A number as Go's strconv.FormatFloat(n, 'g', -1, 32) prints it: with just enough digits to tell it from the next float32. */
function singleText(single: number): string {
  let digits = 1;
  while (Math.fround(Number(single.toPrecision(digits))) !== single && digits < 9) digits++;
  const shortest = Number(single.toPrecision(digits));
  const [mantissa = "", exponent = "0"] = shortest.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(shortest);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
