import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Body } from "../../hack/lib/objects";

/** A chart: templates by file name, each as text, or as an object that is written as JSON, which is also YAML. */
export interface Chart {
  templates: Record<string, Body | string>;
  /** What Helm installs before the templates, and does not track. */
  crds?: Record<string, Body | string>;
  values?: Body;
  notes?: string;
}

/** Writes a chart into a new folder below `folder` and returns its path. */
export async function writeChart(folder: string, name: string, chart: Chart): Promise<string> {
  const path = await mkdtemp(join(folder, `${name}-`));
  for (const subfolder of ["templates", "crds"]) await mkdir(join(path, subfolder));
  await writeFile(join(path, "Chart.yaml"), JSON.stringify({ apiVersion: "v2", name, version: "0.1.0" }));
  await writeFile(join(path, "values.yaml"), JSON.stringify(chart.values ?? {}));
  await writeFile(join(path, "templates", "NOTES.txt"), chart.notes ?? "");
  await writeAll(join(path, "templates"), chart.templates);
  await writeAll(join(path, "crds"), chart.crds ?? {});
  return path;
}

async function writeAll(folder: string, files: Record<string, Body | string>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content, null, 1);
    await writeFile(join(folder, `${name}.yaml`), text);
  }
}

/**
 * A Deployment; the label `app` of its Pods is its name.
 *
 * @param pod fields of the Pods' spec
 * @param spec fields of its own spec
 */
export function deployment(name: string, pod: Body = {}, spec: Body = {}): Body {
  const labels = { app: name };
  const containers = [{ name: "web", image: "nginx:1.27" }];
  const template = { metadata: { labels }, spec: { containers, ...pod } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

/** Helm's own checks accept it, but the API server refuses it: an upgrade to it fails after it has changed the rest. */
export const refusedService: Body = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "refused" },
  spec: { ports: [{ port: 70_000 }] },
};
