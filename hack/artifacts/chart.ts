import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { create } from "tar";
import { stringify } from "yaml";
import { admissionBindings, admissionPolicies } from "../../crds/admission";
import { fileOf } from "../../crds/definition";
import { definitions } from "../../crds/definitions";
import { releaseLockCrd } from "../../crds/release-lock";
import packageJson from "../../package.json";
import { DIST, ROOT } from "../lib/project";
import { upToDate } from "../lib/stale";

/** The archive that `helm install` takes; the folder that it is made from is next to it. */
const OUTPUT = `${packageJson.name}-${packageJson.version}.tgz`;

/** What Artifact Hub shows beside it. @see https://artifacthub.io/docs/topics/annotations/helm */
const ANNOTATIONS = {
  "artifacthub.io/category": "integration-delivery",
  "artifacthub.io/license": packageJson.license,
  "artifacthub.io/operator": "true",
  "artifacthub.io/crds": stringify([
    {
      kind: "HelmRelease",
      version: "v1alpha1",
      name: "helmreleases.helm.cattle.io",
      displayName: "HelmRelease",
      description: "Names a Helm release that is locked, and says how.",
    },
  ]),
  "artifacthub.io/crdsExamples": stringify([
    {
      apiVersion: "helm.cattle.io/v1alpha1",
      kind: "HelmRelease",
      metadata: { name: "shop", namespace: "cattle-helm-system" },
      spec: { release: { name: "shop", namespace: "demo" }, driftDetection: { mode: "warn" } },
    },
  ]),
};

/** @see https://helm.sh/docs/topics/charts/#the-chartyaml-file */
const CHART = {
  apiVersion: "v2",
  type: "application",
  name: packageJson.name,
  description: packageJson.description,
  version: packageJson.version,
  appVersion: packageJson.version,
  keywords: ["helm", "drift", "operator", "pepr"],
  annotations: ANNOTATIONS,
};

/** Builds the chart for the locker's own image into dist/, if its sources have changed, and returns the path of its folder. */
export async function lockerChart(): Promise<string> {
  await upToDate({
    output: OUTPUT,
    inputs: ["charts", "hack/artifacts/chart.ts", "crds", "package.json"],
    build,
  });
  return join(DIST, CHART.name);
}

/** The templates are plain files; name and version come from package.json, the CRDs and what templates/admission.yaml reads from crds/. */
async function build(): Promise<void> {
  const folder = join(DIST, CHART.name);
  await rm(folder, { recursive: true, force: true });
  await cp(join(ROOT, "charts", CHART.name), folder, { recursive: true });
  await writeFile(join(folder, "Chart.yaml"), stringify(CHART));
  await mkdir(join(folder, "crds"));
  for (const file of definitions.map(fileOf)) await cp(join(ROOT, "crds", file), join(folder, "crds", file));
  // A policy whose kind of parameters comes later is in force up to half a minute later.
  await writeFile(join(folder, "crds", `${releaseLockCrd.metadata.name}.yaml`), stringify(releaseLockCrd));
  const admission = [...admissionPolicies, ...admissionBindings("REGISTRATION-NAMESPACE")];
  await writeFile(join(folder, "admission.json"), JSON.stringify(admission));
  await create({ file: join(DIST, OUTPUT), cwd: DIST, gzip: true, portable: true }, [CHART.name]);
}
