import { column, define } from "./definition";
import { helmReleaseKind, statusSchema } from "./helm-release";
import { specSchema } from "./spec";

/** The CRD of HelmRelease: a superset of the v1alpha1 of Rancher's helm-locker. */
export const helmReleaseCrd = define({
  ...helmReleaseKind,
  // "hr" is Flux's HelmRelease.
  shortNames: ["hrl"],
  columns: [
    column("Release Name", ".spec.release.name"),
    column("Release Namespace", ".spec.release.namespace"),
    column("Version", ".status.version", "integer"),
    column("State", ".status.state"),
    column("Mode", ".status.mode"),
    column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
    column("Drifted", '.status.conditions[?(@.type=="Drifted")].status'),
    column("Last Drift", ".status.history[0].time", "date"),
    column("Ignored", ".status.ignored", "integer", 1),
    column("Age", ".metadata.creationTimestamp", "date"),
  ],
  description: "Locks the objects of one Helm release: every change that Helm did not make is reverted.",
  spec: specSchema,
  status: statusSchema,
});
