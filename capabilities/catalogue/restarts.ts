import { escapePointer } from "../kube/managed-fields";
import type { Entry, Target } from "./entry";

/** What has a Pod template. */
const WITH_PODS: Target = { fields: { "/spec/template": "*" } };

/** Annotations of a Pod template, by which programs start new Pods. */
function annotation(...keys: string[]): string[] {
  return keys.map(key => `/spec/template/metadata/annotations/${escapePointer(key)}`);
}

/** How people and programs start new Pods of a workload. */
export const RESTARTS: readonly Entry[] = [
  {
    name: "kubectl: rollout restart",
    target: WITH_PODS,
    paths: annotation("kubectl.kubernetes.io/restartedAt"),
    why: "kubectl rollout restart starts new Pods by it, as do Argo CD, Headlamp, k9s and Lens.",
    source: "https://kubernetes.io/docs/reference/kubectl/generated/kubectl_rollout/kubectl_rollout_restart/",
  },
  {
    name: "Rancher: redeploy",
    target: WITH_PODS,
    paths: annotation("cattle.io/timestamp"),
    why: "The button Redeploy of Rancher's dashboard starts new Pods by it.",
    source: "https://github.com/rancher/dashboard/blob/master/shell/dialog/RedeployWorkloadDialog.vue",
  },
  {
    name: "OpenShift: restart rollout",
    target: WITH_PODS,
    paths: annotation("openshift.openshift.io/restartedAt"),
    why: "The action Restart rollout of OpenShift's console starts new Pods by it.",
    source:
      "https://github.com/openshift/console/blob/080ea492e78c99cc761b6ffcf596ee391acab143/frontend/packages/console-app/src/actions/creators/deployment-factory.ts",
  },
  {
    name: "KubeSphere: redeploy",
    target: WITH_PODS,
    paths: annotation("kubesphere.io/restartedAt"),
    why: "KubeSphere's console starts new Pods by it.",
    source: "https://github.com/kubesphere/console/blob/master/src/actions/workload.js",
  },
  {
    name: "Argo Rollouts: restart",
    target: { group: "argoproj.io", kinds: ["Rollout"] },
    paths: ["/spec/restartAt"],
    why: "The restart of a Rollout, by kubectl or by Argo CD, is a time in its spec.",
    source: "https://argo-rollouts.readthedocs.io/en/stable/features/restart/",
  },
  {
    name: "Reloader: annotation",
    target: WITH_PODS,
    paths: annotation("reloader.stakater.com/last-reloaded-from"),
    why: "With its strategy annotations, Reloader starts new Pods by it when a ConfigMap or Secret changes.",
    source: "https://github.com/stakater/Reloader/blob/master/README.md",
  },
  {
    name: "Reloader: environment variables",
    target: WITH_PODS,
    paths: ["/spec/template/spec/containers/*/env/[name=STAKATER_*]"],
    why: "By default, Reloader starts new Pods by a variable that holds the hash of a ConfigMap or Secret.",
    source: "https://github.com/stakater/Reloader/blob/master/README.md",
  },
  {
    name: "Reloader: pause of a Deployment",
    target: {
      group: "apps",
      kinds: ["Deployment"],
      annotations: { "deployment.reloader.stakater.com/pause-period": "*" },
    },
    paths: ["/spec/paused"],
    why: "Reloader pauses the Deployment for the time that the chart has annotated, and resumes it.",
    source: "https://github.com/stakater/Reloader/blob/master/internal/pkg/handler/pause_deployment.go",
  },
  {
    name: "Wave: the hash of the configuration",
    target: WITH_PODS,
    paths: annotation("wave.pusher.com/config-hash"),
    why: "Wave starts new Pods by it when a ConfigMap or Secret changes.",
    source: "https://github.com/wave-k8s/wave/blob/master/README.md",
  },
  {
    name: "Keel: the time of an update",
    target: WITH_PODS,
    paths: annotation("keel.sh/update-time"),
    why: "Keel starts new Pods by it when a new image of the same tag is there.",
    source: "https://github.com/keel-hq/keel/blob/master/provider/kubernetes/updates.go",
  },
  {
    name: "Vault Secrets Operator: restart",
    target: WITH_PODS,
    paths: annotation("vso.secrets.hashicorp.com/restartedAt"),
    why: "The operator restarts the targets that a synced secret names when it has rotated.",
    source: "https://github.com/hashicorp/vault-secrets-operator/blob/main/helpers/rollout_restart.go",
  },
  {
    name: "Bank-Vaults: the count of reloads",
    target: WITH_PODS,
    paths: annotation(
      "alpha.vault.security.banzaicloud.io/secret-reload-count",
      "secrets-reloader.security.bank-vaults.io/secret-reload-count",
    ),
    why: "Bank-Vaults' reloader starts new Pods by it when a secret in Vault has changed.",
    source: "https://github.com/bank-vaults/vault-secrets-reloader/blob/main/README.md",
  },
  {
    name: "1Password: restart",
    target: WITH_PODS,
    paths: annotation("operator.1password.io/last-restarted", "onepasswordoperator/lastRestarted"),
    why: "1Password's operator starts new Pods by it when an item has changed.",
    source: "https://github.com/1Password/onepassword-operator/blob/main/pkg/onepassword/annotations.go",
  },
  {
    name: "Doppler: the version of a secret",
    target: WITH_PODS,
    paths: annotation("secrets.doppler.com/secretsupdate", "secrets.doppler.com/secretsupdate.*"),
    why: "Doppler's operator starts new Pods by an annotation for each secret.",
    source: "https://github.com/DopplerHQ/kubernetes-operator/blob/main/README.md",
  },
  {
    name: "Infisical: the version of a secret",
    target: WITH_PODS,
    paths: annotation("secrets.infisical.com/managed-secret.*"),
    why: "Infisical's operator starts new Pods by an annotation for each secret.",
    source:
      "https://github.com/Infisical/infisical/blob/62968c5e433fcb331776687311f7879cd33cfa22/k8-operator/controllers/infisicalsecret/auto_redeployment.go",
  },
  {
    name: "Telepresence: restart",
    target: WITH_PODS,
    paths: annotation("telepresence.getambassador.io/restartedAt", "telepresence.io/restartedAt"),
    why: "Telepresence's traffic manager starts new Pods by it to bring its agent in or out.",
    source:
      "https://github.com/telepresenceio/telepresence/blob/0031e67fb1cc26316b31b5cdd5967c46f645ba47/cmd/traffic/cmd/manager/mutator/watcher.go",
  },
  {
    name: "Datadog: rollout of resources",
    target: WITH_PODS,
    paths: annotation("autoscaling.datadoghq.com/rolloutAt"),
    why: "Datadog's cluster agent starts new Pods by it, which then get the resources that it recommends.",
    source:
      "https://github.com/DataDog/datadog-agent/blob/main/pkg/clusteragent/autoscaling/workload/model/const.go",
  },
];
