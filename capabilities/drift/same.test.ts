import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, KubeObject } from "../kube/object";
import { samenessIn } from "./same";

type Case = [type: string, pointer: string, wanted: Json, actual: Json | undefined];

function isSame(type: string, pointer: string, wanted: Json, actual: Json | undefined): boolean {
  const slash = type.lastIndexOf("/");
  const object: KubeObject = {
    apiVersion: type.slice(0, slash),
    kind: type.slice(slash + 1),
    metadata: { name: "a" },
  };
  return samenessIn(object)(wanted, actual, pointer);
}

const POD = "/spec/template/spec";
const CONTAINER = `${POD}/containers/0`;
const CRD = "apiextensions.k8s.io/v1/CustomResourceDefinition";
const SCHEMA = "/spec/versions/0/schema/openAPIV3Schema";

describe("the same, written otherwise", () => {
  const same: Record<string, Case> = {
    "equal values": ["example.com/v1/Example", "/spec/a", [{ b: 1 }], [{ b: 1 }]],
    "a limit": ["apps/v1/Deployment", `${CONTAINER}/resources/limits/cpu`, "2000m", "2"],
    "a limit as a number": ["apps/v1/Deployment", `${CONTAINER}/resources/limits/cpu`, 0.5, "500m"],
    "a request in a claim template": [
      "apps/v1/StatefulSet",
      "/spec/volumeClaimTemplates/1/spec/resources/requests/storage",
      "0.5Ti",
      "512Gi",
    ],
    "a size limit": ["v1/Pod", "/spec/volumes/0/emptyDir/sizeLimit", "1024Mi", "1Gi"],
    "a divisor": ["v1/Pod", "/spec/containers/0/env/3/valueFrom/resourceFieldRef/divisor", 1, "1"],
    "a volume's capacity": ["v1/PersistentVolume", "/spec/capacity/storage", "1024Gi", "1Ti"],
    "a quota": ["v1/ResourceQuota", "/spec/hard/count~1secrets", 1000, "1k"],
    "a LimitRange": ["v1/LimitRange", "/spec/limits/0/max/memory", "2048Mi", "2Gi"],
    "a metric's target": [
      "autoscaling/v2/HorizontalPodAutoscaler",
      "/spec/metrics/0/pods/target/averageValue",
      "1000m",
      "1",
    ],
    "a Pod's overhead": ["node.k8s.io/v1/RuntimeClass", "/overhead/podFixed/cpu", "1000m", "1"],
    "an empty list that is absent": ["v1/ServiceAccount", "/imagePullSecrets", [], undefined],
    "an empty list that is null": ["rbac.authorization.k8s.io/v1/Role", "/rules", [], null],
    "an empty list deep down": ["networking.k8s.io/v1/NetworkPolicy", "/spec/ingress/0/from", [], undefined],
    "an empty map of labels": ["apps/v1/Deployment", "/spec/template/metadata/labels", {}, undefined],
    "an empty node selector": ["apps/v1/Deployment", `${POD}/nodeSelector`, {}, undefined],
    "an empty map of limits": ["apps/v1/Deployment", `${CONTAINER}/resources/limits`, {}, undefined],
    "no parameters": ["storage.k8s.io/v1/StorageClass", "/parameters", {}, null],
    "false, and no pointer": ["apps/v1/Deployment", `${POD}/hostNetwork`, false, undefined],
    "0, and no pointer": [
      "apps/v1/Deployment",
      `${CONTAINER}/livenessProbe/initialDelaySeconds`,
      0,
      undefined,
    ],
    "an empty variable": ["apps/v1/Deployment", `${CONTAINER}/env/0/value`, "", undefined],
    "an empty group of a subject": [
      "rbac.authorization.k8s.io/v1/RoleBinding",
      "/subjects/0/apiGroup",
      "",
      undefined,
    ],
    "an empty CA": ["apiregistration.k8s.io/v1/APIService", "/spec/caBundle", "", undefined],
    "a field at the top": ["scheduling.k8s.io/v1/PriorityClass", "/globalDefault", false, undefined],
    'a default for ""': ["apps/v1/Deployment", `${POD}/schedulerName`, "", "default-scheduler"],
    'an address for ""': ["v1/Service", "/spec/clusterIP", "", "10.0.0.7"],
    "an old field of a definition": [CRD, "/spec/preserveUnknownFields", false, undefined],
  };
  for (const [what, [type, pointer, wanted, actual]] of Object.entries(same)) {
    it(`is ${what}`, () => {
      assert.equal(isSame(type, pointer, wanted, actual), true);
    });
  }

  const others: Record<string, Case> = {
    "another quantity": ["apps/v1/Deployment", `${CONTAINER}/resources/limits/cpu`, "2000m", "3"],
    "decimal thousands for binary ones": ["v1/Pod", "/spec/volumes/0/emptyDir/sizeLimit", "1Mi", "1M"],
    "a quantity of one value that the server keeps apart": [
      "v1/Pod",
      "/spec/volumes/0/emptyDir/sizeLimit",
      "1Ki",
      "1024",
    ],
    "a limit that is gone": ["apps/v1/Deployment", `${CONTAINER}/resources/limits/cpu`, "0", undefined],
    "a text that looks like a quantity": ["v1/ConfigMap", "/data/cpu", "2000m", "2"],
    "a label that looks like a quantity": ["v1/Pod", "/metadata/labels/limits", "1000", "1k"],
    "a number that is no quantity": ["apps/v1/Deployment", "/spec/replicas", 1000, "1k"],
    "a list that was emptied": ["v1/ServiceAccount", "/imagePullSecrets", [{ name: "a" }], undefined],
    "a list that is empty no more": ["rbac.authorization.k8s.io/v1/Role", "/rules", [], [{ verbs: ["*"] }]],
    "an empty volume source": ["v1/Pod", "/spec/volumes/0/emptyDir", {}, undefined],
    "an empty security context": ["apps/v1/Deployment", `${CONTAINER}/securityContext`, {}, undefined],
    "an empty selector, which selects all": [
      "networking.k8s.io/v1/NetworkPolicy",
      "/spec/ingress/0/from/0/namespaceSelector",
      {},
      undefined,
    ],
    "an empty selector of a budget": ["policy/v1/PodDisruptionBudget", "/spec/selector", {}, undefined],
    "a map that held something": ["apps/v1/Deployment", `${POD}/nodeSelector`, { disk: "ssd" }, undefined],
    "false, and a pointer": ["apps/v1/Deployment", `${POD}/automountServiceAccountToken`, false, undefined],
    "false of a CSI volume, a pointer": ["v1/Pod", "/spec/volumes/0/csi/readOnly", false, undefined],
    "0, and a pointer": ["apps/v1/Deployment", "/spec/replicas", 0, undefined],
    "no storage class, which means none": [
      "v1/PersistentVolumeClaim",
      "/spec/storageClassName",
      "",
      undefined,
    ],
    "an empty entry of a map": ["v1/ConfigMap", "/data/value", "", undefined],
    "an empty label of a field's name": ["v1/Pod", "/metadata/labels/hostNetwork", "", undefined],
    "an empty annotation of a number": ["v1/Pod", "/metadata/annotations/0", "", undefined],
    "true instead of false": ["apps/v1/Deployment", `${POD}/hostNetwork`, false, true],
    'another value than the default for ""': ["apps/v1/Deployment", `${POD}/schedulerName`, "", "mine"],
    'none for ""': ["v1/Service", "/spec/clusterIP", "", "None"],
    "anything in a custom resource": ["example.com/v1/Example", "/spec/hostNetwork", false, undefined],
    "a custom resource's empty list": ["example.com/v1/Example", "/spec/rules", [], undefined],
    "a custom resource's quantity": ["example.com/v1/Example", "/spec/resources/limits/cpu", "1000m", "1"],
    "a group of Kubernetes' extensions": [
      "gateway.networking.k8s.io/v1/Gateway",
      "/spec/listeners",
      [],
      undefined,
    ],
    "an empty default of a schema": [CRD, `${SCHEMA}/properties/spec/default`, [], undefined],
    "a limit of a schema": [CRD, `${SCHEMA}/properties/resources/limits/pattern`, "1000", "1k"],
    "an empty list in what a revision holds": [
      "apps/v1/ControllerRevision",
      "/data/spec/rules",
      [],
      undefined,
    ],
  };
  for (const [what, [type, pointer, wanted, actual]] of Object.entries(others)) {
    it(`is not ${what}`, () => {
      assert.equal(isSame(type, pointer, wanted, actual), false);
    });
  }
});
