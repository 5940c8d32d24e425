import packageJson from "../package.json";
import { CRD_VERSION_ANNOTATION } from "./definition";
import { releaseLockKind } from "./release-lock";

/** What is done about a change by hand; a label of bindings, and of the ReleaseLocks that they are about. */
export const ADMISSION_LABEL = "helmreleases.cattle.io/admission";

/** What a ReleaseLock is about: objects of its namespace, cluster-scoped objects, or the records of releases; a label. */
export const SCOPE_LABEL = "helmreleases.cattle.io/scope";

const apiVersion = "admissionregistration.k8s.io/v1";
const NAME = "helm-locker";
const annotations = { [CRD_VERSION_ANNOTATION]: packageJson.version };
const paramKind = {
  apiVersion: `${releaseLockKind.group}/${releaseLockKind.version}`,
  kind: releaseLockKind.kind,
};

/** An expression in CEL with a name. */
function named(name: string, expression: string) {
  return { name, expression: expression.replace(/\s+/g, " ").trim() };
}

function fallingTo(messageExpression: string, ...expressions: string[]) {
  return expressions.map(expression => ({
    expression: expression.replace(/\s+/g, " ").trim(),
    messageExpression: messageExpression.replace(/\s+/g, " ").trim(),
    reason: "Forbidden",
  }));
}

/** Nobody is asked about the locker, nor about what changes nothing. */
const concerns = [
  named("is-no-dry-run", "!request.dryRun"),
  named("is-not-the-lockers", "request.userInfo.username != params.spec.locker"),
];

/** The control planes of clouds have users of their own beside Kubernetes'; the administrator of k3s and OpenShift has one of Kubernetes'. */
const who = [
  named(
    "person",
    `request.userInfo.username == 'system:admin' ||
      !(request.userInfo.username.startsWith('system:') || request.userInfo.username.startsWith('eks:') ||
        request.userInfo.username in ['aksService', 'acsService', 'masterclient', 'nodeclient'] ||
        request.userInfo.groups.exists(g, g in ['system:serviceaccounts', 'system:nodes']))`,
  ),
  named(
    "judged",
    `variables.person || (variables.lock.subjects == 'All' && 'system:serviceaccounts' in request.userInfo.groups &&
      !('system:serviceaccounts:kube-system' in request.userInfo.groups))`,
  ),
  named(
    "deployer",
    `request.userInfo.username in variables.lock.?deployers.users.orValue([]) ||
      request.userInfo.groups.exists(g, g in variables.lock.?deployers.groups.orValue([]))`,
  ),
];

const OWNER = `oldObject.metadata.?annotations[?'meta.helm.sh/release-namespace'].orValue('') + '/' +
  oldObject.metadata.?annotations[?'meta.helm.sh/release-name'].orValue('')`;

/** A request to delete a collection names no object. */
const KEY = `request.resource.resource + (request.resource.group == '' ? '' : '.' + request.resource.group) + '/' + oldObject.metadata.name`;

/** What is in a Pod template is compared apart: kubectl rollout restart writes an annotation there. */
const TEMPLATE = "(k == 'spec' && j == 'template' && variables.templates)";

const OBJECTS = {
  matchConditions: [
    ...concerns,
    named("is-kept", "!has(oldObject.metadata.deletionTimestamp)"),
    named(
      "is-tracked",
      `[${OWNER}].exists(r, r in params.spec.releases && (${KEY}) in params.spec.releases[r].objects)`,
    ),
  ],
  variables: [
    named("release", OWNER),
    named("lock", "params.spec.releases[variables.release]"),
    named("free", `variables.lock.objects[${KEY}]`),
    ...who,
    named("manager", "request.operation == 'UPDATE' ? request.options.?fieldManager.orValue('') : ''"),
    // Every Helm names a manager, and kubectl's begin with kubectl; user interfaces name none.
    named(
      "byHand",
      "variables.manager.startsWith('kubectl') || (variables.person && variables.manager == '')",
    ),
    named(
      "templates",
      `[object, oldObject].all(o, o.?spec.hasValue() && type(o.spec) == map && o.spec.?template.hasValue() && type(o.spec.template) == map)`,
    ),
    // Metadata and status aside, and what the lock leaves to others.
    named(
      "same",
      `object.all(k, k in ['apiVersion', 'kind', 'metadata', 'status'] || k in variables.free || (k in oldObject &&
        (object[k] == oldObject[k] || (type(object[k]) == map && type(oldObject[k]) == map &&
          object[k].all(j, ${TEMPLATE} || (k + '.' + j) in variables.free || (j in oldObject[k] && object[k][j] == oldObject[k][j])) &&
          oldObject[k].all(j, j in object[k] || (k + '.' + j) in variables.free))))) &&
      oldObject.all(k, k in ['apiVersion', 'kind', 'metadata', 'status'] || k in variables.free || k in object)`,
    ),
    named(
      "sameTemplate",
      `!variables.templates || 'spec' in variables.free || 'spec.template' in variables.free ||
        (object.spec.template.all(k, k == 'metadata' || (k in oldObject.spec.template && object.spec.template[k] == oldObject.spec.template[k])) &&
         oldObject.spec.template.all(k, k == 'metadata' || k in object.spec.template) &&
         object.spec.template.?metadata.labels == oldObject.spec.template.?metadata.labels)`,
    ),
    // Whoever can't write the records of the release is not Helm.
    named(
      "mayBeHelm",
      `!has(variables.lock.deployers) && ['create', 'update'].exists(verb,
        authorizer.group('').resource(variables.lock.records).namespace(variables.release.split('/')[0]).check(verb).allowed())`,
    ),
    // The locker's own way, also with another ServiceAccount: it deletes only what it has just made, in exactly that state.
    named("isExact", "!variables.person && request.options.?preconditions.resourceVersion.hasValue()"),
  ],
  validations: fallingTo(
    `request.resource.resource + ' ' + oldObject.metadata.?namespace.orValue('') + '/' + oldObject.metadata.name +
      ' belongs to Helm release ' + variables.release + ', which is locked: change it with helm upgrade, or suspend the lock: helm locker suspend ' +
      variables.release.split('/')[1] + ' --namespace ' + variables.release.split('/')[0]`,
    `request.operation == 'DELETE' || !variables.judged || variables.deployer ||
      !(variables.byHand || (variables.person && has(variables.lock.deployers))) || (variables.same && variables.sameTemplate)`,
    `request.operation == 'UPDATE' || !variables.judged || variables.deployer || variables.isExact || variables.mayBeHelm`,
  ),
};

/** Helm looks for records by their labels, and for one revision by its name. */
const RECORD_OF = `[object.metadata.?labels[?'name'].orValue(''), object.metadata.name.substring(size('sh.helm.release.v1.'), object.metadata.name.lastIndexOf('.v'))]
  .map(n, request.namespace + '/' + n)
  .filter(r, r in params.spec.releases)`;

/** With deployers, others are stopped before their Helm touches an object. */
const RECORDS = {
  matchConditions: [
    ...concerns,
    named("is-a-record", "object.metadata.name.startsWith('sh.helm.release.v1.')"),
    named("is-locked", `size(${RECORD_OF}) > 0`),
  ],
  variables: [
    named("release", `${RECORD_OF}[0]`),
    named("lock", "params.spec.releases[variables.release]"),
    ...who,
  ],
  validations: fallingTo(
    `'Helm release ' + variables.release + ' is locked, and only its deployers may change it. To suspend the lock: helm locker suspend ' +
      variables.release.split('/')[1] + ' --namespace ' + variables.release.split('/')[0]`,
    "!variables.judged || variables.deployer",
  ),
};

interface Judged {
  readonly labels: Record<string, string>;
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly operations: string[];
  readonly scope: "Namespaced" | "Cluster";
}

/** What is in doubt is let through, whatever fails. */
function policy(name: string, { labels, ...rule }: Judged, judgement: typeof OBJECTS | typeof RECORDS) {
  const matchConstraints = {
    objectSelector: { matchLabels: labels },
    resourceRules: [{ apiVersions: ["*"], ...rule }],
  };
  const metadata = { name, annotations };
  const spec = { failurePolicy: "Ignore", paramKind, matchConstraints, ...judgement };
  return { apiVersion, kind: "ValidatingAdmissionPolicy", metadata, spec };
}

const EVERYTHING = {
  labels: { "app.kubernetes.io/managed-by": "Helm" },
  apiGroups: ["*"],
  resources: ["*"],
  operations: ["UPDATE", "DELETE"],
};

/** The policies, which are the same everywhere. */
export const admissionPolicies = [
  policy(NAME, { ...EVERYTHING, scope: "Namespaced" }, OBJECTS),
  policy(`${NAME}-cluster`, { ...EVERYTHING, scope: "Cluster" }, OBJECTS),
  policy(
    `${NAME}-records`,
    {
      labels: { owner: "helm" },
      apiGroups: [""],
      resources: ["secrets", "configmaps"],
      operations: ["CREATE", "UPDATE"],
      scope: "Namespaced",
    },
    RECORDS,
  ),
];

/** Their bindings. @param namespace in which the ReleaseLock of cluster-scoped objects is */
export function admissionBindings(namespace: string) {
  return (["Deny", "Warn"] as const).flatMap(action => [
    binding(NAME, action, "Namespaced"),
    binding(`${NAME}-cluster`, action, "Cluster", namespace),
    binding(`${NAME}-records`, action, "Records"),
  ]);
}

/** A selector, and no name, is looked for in the memory of the API server alone. */
function binding(policyName: string, action: "Deny" | "Warn", scope: string, namespace?: string) {
  const matchLabels = { [ADMISSION_LABEL]: action, [SCOPE_LABEL]: scope };
  const name = [policyName, action.toLowerCase(), ...(namespace === undefined ? [] : [namespace])].join("-");
  return {
    apiVersion,
    kind: "ValidatingAdmissionPolicyBinding",
    metadata: { name, annotations, labels: { [ADMISSION_LABEL]: action } },
    spec: {
      policyName,
      validationActions: [action, "Audit"],
      paramRef: {
        selector: { matchLabels },
        parameterNotFoundAction: "Allow",
        ...(namespace !== undefined && { namespace }),
      },
    },
  };
}
