import { setImmediate } from "node:timers/promises";
import * as z from "zod";
import { groupOf } from "../kube/kinds";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { normalize } from "./normalize";
import { readYaml } from "./yaml/yaml";
import { YamlError, yamlBudget, type YamlBudget } from "./yaml/limits";

/** Longest manifest that is read, in characters; a record that fills a Secret has a few million. */
export const MAX_MANIFEST_LENGTH = 8 * 1024 * 1024;

/** Most documents that one manifest may hold, including empty ones. */
export const MAX_DOCUMENTS = 10_000;

/** Most objects that one manifest may hold, as documents or in lists. */
export const MAX_OBJECTS = 10_000;

/** How many problems of one manifest are reported: enough to start with, few enough to keep. */
export const MAX_PROBLEMS = 100;

/** Something in a manifest that cannot be locked. */
export interface ManifestProblem {
  /** Which document, counted from 1, without documents that contain only whitespace. */
  document: number;
  /** The template it was rendered from, as Helm's `# Source:` comment says. */
  source?: string;
  /** What is wrong, as the end of a sentence whose subject is the document. Quotes no value. */
  reason: string;
}

/** What a manifest holds: the objects in Helm's install order, and everything that could not become an object. */
export interface ParsedManifest {
  objects: KubeObject[];
  problems: ManifestProblem[];
}

/**
 * Reads a release's manifest as Helm does. An unreadable document is one problem; the other documents are still read.
 * Flattens lists and normalizes objects (normalize.ts), but does not fill in a namespace, because that needs discovery.
 * Refuses a manifest beyond the limits as a whole. Lets other work run in between, because a large manifest takes
 * seconds.
 */
export async function parseManifestInPieces(manifest: string): Promise<ParsedManifest> {
  const pieces = parsePieces(manifest);
  for (;;) {
    const { done, value } = pieces.next();
    if (done) return value;
    await setImmediate();
  }
}

/** Yields after every document. */
function* parsePieces(manifest: string): Generator<undefined, ParsedManifest> {
  if (manifest.length > MAX_MANIFEST_LENGTH) {
    return refused(`is longer than ${MAX_MANIFEST_LENGTH} characters`);
  }
  const documents = splitDocuments(manifest);
  if (!documents) return refused(`is one of more than ${MAX_DOCUMENTS} documents`);

  const objects = new Map<string, KubeObject>();
  const problems: ManifestProblem[] = [];
  const budget = yamlBudget();
  for (const [index, document] of documents.entries()) {
    for (const result of readDocument(document, budget)) {
      const reason = typeof result === "string" ? result : add(objects, result);
      if (objects.size > MAX_OBJECTS) return refused(`holds one of more than ${MAX_OBJECTS} objects`);
      if (reason && problems.length < MAX_PROBLEMS) {
        problems.push({ document: index + 1, ...sourceOf(document.text), reason });
      }
    }
    yield;
  }
  return { objects: [...objects.values()], problems };
}

function refused(reason: string): ParsedManifest {
  return { objects: [], problems: [{ document: 1, reason }] };
}

/** Adds an object, and says if it was already there. As in a helm upgrade, the last one wins. */
function add(objects: Map<string, KubeObject>, object: KubeObject): string | undefined {
  const { apiVersion, kind, metadata } = object;
  const key = JSON.stringify([groupOf(apiVersion), kind, metadata.namespace ?? null, metadata.name]);
  const repeated = objects.delete(key);
  objects.set(key, object);
  return repeated ? `repeats ${kind} "${metadata.name}" of an earlier document, and wins over it` : undefined;
}

interface Document {
  /** The text after `---` on its line, without comments. */
  header: string;
  text: string;
}

/**
 * Splits at lines that begin with `---`, anywhere, before any YAML is read.
 * Source: k8s.io/apimachinery/pkg/util/yaml/decoder.go, YAMLReader, with which Helm reads manifests: line ends
 * do not matter, the last line gets one too, and behind `---` only a comment may follow.
 *
 * @returns undefined if there are too many
 */
function splitDocuments(manifest: string): Document[] | undefined {
  const text = `${manifest.replace(/^\uFEFF/, "")}\n`;
  const [first = "", ...others] = text.split(/(?<=^|\n)---/, MAX_DOCUMENTS + 1);
  if (others.length === MAX_DOCUMENTS) return undefined;
  const documents = others.map(part => {
    const end = part.indexOf("\n");
    return { header: part.slice(0, end).replace(/^\s*(#.*)?$/, ""), text: part.slice(end + 1) };
  });
  return [{ header: "", text: first }, ...documents].filter(({ header, text }) => header || text.trim());
}

function sourceOf(text: string): { source?: string } {
  const source = /^# Source: (.{1,200})/m.exec(text)?.[1];
  return source === undefined ? {} : { source };
}

/** The objects of a document, and for each object that can't be read, the reason as a string. */
function* readDocument({ header, text }: Document, budget: YamlBudget): Generator<KubeObject | string> {
  if (header) {
    yield "has something behind its ---: put it on a line of its own";
    return;
  }
  try {
    const value = readYaml(text, budget);
    if (value !== null) yield* flatten(value);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    yield error.message;
  }
}

/**
 * To Helm, anything with items is a list, and an item without its own type has the list's.
 * Source: k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/helpers.go, decodeToList.
 */
function* flatten(value: Json): Generator<KubeObject | string> {
  if (!isObject(value)) {
    yield `is ${typeName(value)}, not a Kubernetes object`;
  } else if (Array.isArray(value.items)) {
    for (const item of value.items) yield* flatten(withTypeOf(value, item));
  } else if (value.items !== null) {
    yield readObject(value);
  }
}

function typeName(value: Json): string {
  if (value === null) return "null";
  return `a ${Array.isArray(value) ? "list" : typeof value}`;
}

function withTypeOf({ apiVersion, kind }: JsonObject, item: Json): Json {
  if (!isObject(item) || item.kind || item.apiVersion) return item;
  if (typeof kind !== "string" || kind === "List" || apiVersion === undefined) return item;
  return { ...item, kind: kind.replace(/List$/, ""), apiVersion };
}

const text = z.string({
  error: ({ input }) =>
    input === undefined || input === null ? "is missing" : `is a ${typeof input}, not a string: quote it`,
});
const name = text.min(1, "is empty");
const texts = z.record(z.string(), text.nullable(), "is not a map").nullish();

const headSchema = z.object({
  apiVersion: name,
  kind: name,
  metadata: z.object(
    { name, namespace: text.nullish(), labels: texts, annotations: texts },
    { error: () => "is missing" },
  ),
});

/** The object, or why it can't be tracked. */
function readObject(value: JsonObject): KubeObject | string {
  const { data: head, error } = headSchema.safeParse(value);
  if (head) {
    const { apiVersion, kind } = head;
    const metadata = { ...(isObject(value.metadata) ? value.metadata : {}), name: head.metadata.name };
    return normalize({ ...value, apiVersion, kind, metadata });
  }
  const { kind, metadata } = value;
  const what = typeof kind === "string" && kind !== "" ? kind : "an object";
  if (isObject(metadata) && metadata.generateName && !metadata.name) {
    return `holds ${what} with generateName and no name: it cannot be tracked`;
  }
  const { path, message } = error.issues[0] ?? { path: [], message: "is unreadable" };
  return `holds ${what} whose ${path.join(".")} ${message}`;
}
