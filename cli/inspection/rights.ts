import * as z from "zod";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { grantToWriteAs, ruleToLock, type Grant, type Rule } from "../../capabilities/cluster/rights";
import { userOf, type Account } from "../../capabilities/kube/account";
import { collectionPath, refOf, SERVICE_ACCOUNTS } from "../../capabilities/kube/kinds";
import { accountOf } from "../../capabilities/state/standing";
import { readReply } from "../access/replies";
import { UserError } from "../errors";
import type { Inspection } from "./finding";

const REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/** Where `npx pepr deploy` makes it. */
const OF_PEPR: Account = { namespace: "pepr-system", name: "pepr-helm-locker" };

const CHART_LABEL = ["app.kubernetes.io/name", "helm-locker"] as const;

const review = z.object({ status: z.object({ allowed: z.boolean() }) });

/** Rights that somebody needs and does not have. */
export interface Lacking extends Grant {
  readonly to: Account;
}

/**
 * The operator's ServiceAccount.
 *
 * @param named as "namespace/name"; undefined: that of its chart, or of `npx pepr deploy`
 * @throws UserError if there is none, or there are several; ApiError, NetworkError
 */
export async function operatorIn(cluster: Cluster, named: string | undefined): Promise<Account> {
  if (named !== undefined) return readAccount(named);
  const found: Account[] = [];
  const accounts = cluster.K8s(SERVICE_ACCOUNTS);
  await accounts.WithLabel(...CHART_LABEL).Each(({ metadata: { name, namespace } }) => {
    if (typeof namespace === "string") found.push({ namespace, name });
  });
  if (await accounts.InNamespace(OF_PEPR.namespace).Get(OF_PEPR.name)) found.push(OF_PEPR);
  const [first, ...more] = found;
  if (first && more.length === 0) return first;
  const which = first ? `${found.length} could be the operator's` : "none is the operator's";
  throw new UserError(`of the ServiceAccounts, ${which}: --service-account NAMESPACE/NAME names it`);
}

function readAccount(text: string): Account {
  const [namespace, name, ...rest] = text.split("/");
  if (namespace && name && rest.length === 0) return { namespace, name };
  throw new UserError(`"${text}" is no ServiceAccount: write NAMESPACE/NAME`);
}

/** Who needs rights for a release to be locked: the operator, and the ServiceAccount that writes in its place, if there is one. */
export function accountsFor({ lock }: Pick<Inspection, "lock">, operator: Account): Account[] {
  const writer = accountOf(lock);
  return writer ? [operator, writer] : [operator];
}

/**
 * The rights that these lack.
 *
 * @throws ForbiddenError where the caller may not ask; ApiError, NetworkError
 */
export async function lackingFor(
  inspection: Inspection,
  operator: Account,
  cluster: Cluster,
): Promise<Lacking[]> {
  const lacking: Lacking[] = [];
  for (const grant of neededFor(inspection, operator)) {
    const verbs = await deniedOf(grant, cluster);
    if (verbs.length > 0) lacking.push({ ...grant, rule: { ...grant.rule, verbs } });
  }
  return lacking;
}

/** Each right once: the operator's in the whole cluster, the writer's in each namespace where it writes. */
export function neededFor({ lock }: Pick<Inspection, "lock">, operator: Account): Lacking[] {
  const writer = accountOf(lock);
  const needed = new Map<string, Lacking>();
  if (writer) needed.set("", { ...grantToWriteAs(writer), to: operator });
  for (const { kind, desired } of lock.objects.values()) {
    const { namespace } = refOf(desired);
    const [write, all] = [ruleToLock(kind, true), ruleToLock(kind)];
    const reads = all.verbs.filter(verb => !write.verbs.includes(verb));
    const collection = collectionPath(kind);
    needed.set(collection, { rule: { ...all, verbs: writer ? reads : all.verbs }, to: operator });
    if (writer) needed.set(`${collection} ${namespace ?? ""}`, { rule: write, to: writer, namespace });
  }
  return [...needed.values()];
}

async function deniedOf({ rule, to, namespace }: Lacking, cluster: Cluster): Promise<string[]> {
  const allowed = await Promise.all(
    rule.verbs.map(verb => isAllowed({ verb, rule, to, namespace }, cluster)),
  );
  return rule.verbs.filter((_, index) => allowed[index] === false);
}

interface Question {
  readonly verb: string;
  readonly rule: Rule;
  readonly to: Account;
  readonly namespace: string | undefined;
}

async function isAllowed({ verb, rule, to, namespace }: Question, cluster: Cluster): Promise<boolean> {
  const [group = ""] = rule.apiGroups;
  const [resource = ""] = rule.resources;
  const [name] = rule.resourceNames ?? [];
  const body = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SubjectAccessReview",
    spec: {
      user: userOf(to),
      groups: ["system:serviceaccounts", `system:serviceaccounts:${to.namespace}`, "system:authenticated"],
      resourceAttributes: { verb, group, resource, namespace, name },
    },
  };
  return readReply(review, await cluster.Raw(REVIEWS, body), "an answer about rights").status.allowed;
}
