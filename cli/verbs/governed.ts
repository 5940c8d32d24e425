import { helmReleaseKind, type HelmRelease } from "../../crds/helm-release";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import type { Place } from "../access/follower";
import { controllerOf, type Locks, type Ruling } from "../access/locks";
import { nearest } from "../access/names";
import { readRelease } from "../access/releases";
import { targetOf } from "../access/targets";
import { UserError } from "../errors";
import { say } from "../output/say";
import type { Call } from "../verb";

/** Does something on the one cluster of a call. @throws UserError if the call names several; what the action throws */
export async function onSite<T>(
  call: Call,
  action: (site: Place, namespace: string) => Promise<T>,
): Promise<T> {
  const { flags } = call;
  const { cluster, namespace } = targetOf({ ...flags, contexts: flags.context });
  try {
    return await action({ cluster, namespace: flags.registrationNamespace }, flags.namespace ?? namespace);
  } finally {
    await cluster.close();
  }
}

/** As kubectl names it: "helmrelease.helm.cattle.io/shop". */
export function resourceOf({ metadata }: HelmRelease): string {
  return `${helmReleaseKind.kind.toLowerCase()}.${helmReleaseKind.group}/${metadata.name}`;
}

/**
 * How a release is named on the command line, with the flags that lead to its cluster: "shop -n demo --context prod".
 *
 * @param context of its cluster, where a call is about several
 */
export function flagsOf(
  { name, namespace }: ReleaseRef,
  { flags }: Pick<Call, "flags">,
  context = flags.context[0],
): string {
  const given = { context: flags.context.length === 0 ? undefined : context, kubeconfig: flags.kubeconfig };
  const more = Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag} ${quoted(value)}`],
  );
  return [name, "-n", namespace, ...more].join(" ");
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/**
 * What locks a release.
 *
 * @throws UserError if nothing does
 */
export function rulingOf(locks: Locks, release: ReleaseRef, call: Pick<Call, "program" | "flags">): Ruling {
  const ruling = locks.of(release);
  if (ruling) return ruling;
  const foreign = locks.foreignOf(release);
  if (foreign) throw new UserError(foreignWords(foreign, release));
  const advice =
    nearestLocked(locks, release) || `. To lock it: ${call.program} lock ${flagsOf(release, call)}`;
  throw new UserError(`no HelmRelease locks release ${releaseKey(release)}${advice}`);
}

function foreignWords(helmRelease: HelmRelease, release: ReleaseRef): string {
  const { name } = helmRelease.metadata;
  const controller = controllerOf(helmRelease) ?? "";
  return `release ${releaseKey(release)} is locked by HelmRelease ${name}, which belongs to controller ${controller}: to act on it, set HELM_LOCKER_CONTROLLER_NAME=${controller}`;
}

/** A locked release that may be meant: of the same name, or of a near one in the same namespace. */
function nearestLocked({ releases }: Locks, { name, namespace }: ReleaseRef): string {
  const elsewhere = releases.find(release => release.name === name);
  if (elsewhere) return `; did you mean ${releaseKey(elsewhere)}?`;
  return nearest(
    name,
    releases.filter(release => release.namespace === namespace).map(release => release.name),
  );
}

/** Names the other HelmReleases of a release, if there are any. */
export function tellOthers(call: Call, release: ReleaseRef, { governor, others }: Ruling): void {
  if (others.length === 0) return;
  const names = others.map(({ helmRelease }) => helmRelease.metadata.name).sort();
  const { name } = governor.helmRelease.metadata;
  say(
    call,
    `release ${releaseKey(release)} is also locked by HelmRelease ${names.join(", ")}; what ${name} asks for holds`,
  );
}

/** The release that a call names. @throws UserError */
export function releaseOfCall({ args: [text = ""] }: Call, namespace: string): ReleaseRef {
  return readRelease(text, namespace);
}
