import pMap from "p-map";
import type { Condition, HelmRelease } from "../../crds/helm-release";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { conditionOf, isFollowed } from "../access/conditions";
import { controllerOf, helmReleasesIn, Locks, releaseOf } from "../access/locks";
import { readRelease } from "../access/releases";
import { targetsOf, type Target } from "../access/targets";
import { causeWords } from "../output/error-words";
import { contextColumns } from "../output/columns";
import { Listing, type Column, type Shape } from "../output/listing";
import { say } from "../output/say";
import { ageText, NOTHING } from "../output/values";
import type { Call } from "../verb";
import { resourceOf, rulingOf } from "./governed";
import { watch, type Watched } from "./watching";

/** One row: a HelmRelease. */
interface Row {
  readonly context: string;
  readonly helmRelease: HelmRelease;
  readonly release: ReleaseRef | undefined;
  readonly isGone: boolean;
}

interface Site extends Watched, Target {
  /** The release that is asked for; undefined: all. */
  readonly release: ReleaseRef | undefined;
  /** The namespace of the releases; undefined: any. */
  readonly ofNamespace: string | undefined;
}

/** Shows what the locker says of each lock. @returns 1 if a cluster could not be asked */
export async function status(call: Call): Promise<number> {
  const { flags, stdout, stderr } = call;
  const sites = targetsOf({ ...flags, contexts: flags.context }).map(target => siteOf(call, target));
  try {
    const asked = await pMap(sites, site => ask(call, site, sites.length > 1));
    const shape = shapeOf(call);
    const seen = asked.flatMap(each => each ?? []);
    if (flags.watch) {
      await watch(
        call,
        seen.map(({ site }) => site),
        {
          shape,
          rowsOf: known => sorted([...known].flatMap(([site, all]) => rowsOf(site, all.values()))),
          keyOf: ({ context, helmRelease }) => `${context} ${helmRelease.metadata.name}`,
          goneOf: row => ({ ...row, isGone: true }),
        },
      );
    } else {
      const rows = sorted(seen.flatMap(({ site, helmReleases }) => rowsOf(site, helmReleases)));
      const listing = new Listing(shape, flags, stdout);
      for (const row of rows) listing.add(row);
      listing.end();
      if (rows.length === 0) stderr.write(`${emptyWords(sites)}\n`);
    }
    return seen.length < sites.length ? 1 : 0;
  } finally {
    await Promise.all(sites.map(({ cluster }) => cluster.close()));
  }
}

function siteOf({ args: [text], flags }: Call, { context, cluster, namespace }: Target): Site {
  const chosen = flags.namespace ?? namespace;
  const release = text === undefined ? undefined : readRelease(text, chosen);
  return {
    context,
    cluster,
    namespace: flags.registrationNamespace,
    release,
    ofNamespace: release || flags.allNamespaces ? undefined : chosen,
  };
}

/** @param isOneOfSeveral whether another cluster is to be shown though this one can't be @throws UserError, ApiError, NetworkError */
async function ask(call: Call, site: Site, isOneOfSeveral: boolean) {
  try {
    const helmReleases = await helmReleasesIn(site.cluster, site.namespace);
    if (site.release) requireLocked(call, helmReleases, site.release);
    return { site, helmReleases };
  } catch (error) {
    if (!isOneOfSeveral) throw error;
    say(call, `error: ${site.context}: ${causeWords(error)}`);
    return undefined;
  }
}

/** @throws UserError if a release is nobody's lock; a lock of another controller is one to show */
function requireLocked(call: Call, helmReleases: readonly HelmRelease[], release: ReleaseRef): void {
  const locks = new Locks(helmReleases);
  if (!locks.foreignOf(release)) rulingOf(locks, release, call);
}

function rowsOf({ context, release: wanted, ofNamespace }: Site, helmReleases: Iterable<HelmRelease>): Row[] {
  return [...helmReleases].flatMap(helmRelease => {
    const release = releaseOf(helmRelease);
    const isWanted = wanted
      ? release && releaseKey(release) === releaseKey(wanted)
      : isIn(release, ofNamespace);
    return isWanted ? [{ context, helmRelease, release, isGone: false }] : [];
  });
}

function isIn(release: ReleaseRef | undefined, namespace: string | undefined): boolean {
  return namespace === undefined || release?.namespace === namespace;
}

function sorted(rows: readonly Row[]): Row[] {
  const keyOf = ({ context, release, helmRelease }: Row) =>
    [context, release ? releaseKey(release) : "", helmRelease.metadata.name].join(" ");
  return [...rows].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
}

function emptyWords(sites: readonly Site[]): string {
  const [namespace] = sites.flatMap(({ ofNamespace }) => ofNamespace ?? []);
  return namespace === undefined
    ? "No HelmRelease found."
    : `No HelmRelease found of releases in namespace ${namespace}.`;
}

function shapeOf({ flags }: Call): Shape<Row> {
  const isWide = flags.output === "wide";
  const columns: Column<Row>[] = [
    ...contextColumns<Row>(flags, ({ context }) => context),
    { title: "RELEASE", text: ({ release }) => (release ? releaseKey(release) : NOTHING) },
    { title: "HELMRELEASE", text: ({ helmRelease }) => helmRelease.metadata.name },
    { title: "MODE", text: row => (row.isGone ? "(deleted)" : (factsOf(row).mode ?? NOTHING)) },
    { title: "READY", text: row => factsOf(row).ready ?? NOTHING },
    { title: "DRIFTED", text: row => factsOf(row).drifted ?? NOTHING },
    { title: "LAST DRIFT", text: row => ageText(factsOf(row).lastDrift ?? undefined) },
    { title: "AGE", text: ({ helmRelease }) => ageText(helmRelease.metadata.creationTimestamp ?? undefined) },
    ...(isWide ? WIDE : []),
  ];
  return { columns, object: objectOf, name: ({ helmRelease }) => resourceOf(helmRelease) };
}

const WIDE: readonly Column<Row>[] = [
  { title: "STATE", text: ({ helmRelease }) => helmRelease.status?.state ?? NOTHING },
  { title: "REVISION", text: ({ helmRelease }) => countText(helmRelease.status?.version) },
  { title: "TRACKED", text: ({ helmRelease }) => countText(helmRelease.status?.objects?.tracked) },
  { title: "IGNORED", text: ({ helmRelease }) => countText(helmRelease.status?.ignored) },
  { title: "MESSAGE", text: row => factsOf(row).message ?? NOTHING },
];

function countText(count: number | null | undefined): string {
  return typeof count === "number" ? String(count) : NOTHING;
}

/** What a status says, as far as it is about the spec as it is now. */
function factsOf({ helmRelease }: Row) {
  const { mode, history } = helmRelease.status ?? {};
  const ready = standingOf(helmRelease, "Ready");
  const drifted = standingOf(helmRelease, "Drifted");
  const [last] = history ?? [];
  return {
    mode,
    ready: ready?.status,
    drifted: drifted?.status,
    lastDrift: last?.time,
    reason: ready?.reason,
    message: ready?.message,
  };
}

/** Of an earlier spec, nobody knows whether it still holds. */
function standingOf(helmRelease: HelmRelease, type: string): Condition | undefined {
  const found = conditionOf(helmRelease, type);
  return found && (isFollowed(helmRelease) ? found : { ...found, status: "Unknown" });
}

function objectOf(row: Row): object {
  const { context, helmRelease, release, isGone } = row;
  const { name, namespace, creationTimestamp } = helmRelease.metadata;
  const { state, version, objects, ignored } = helmRelease.status ?? {};
  return {
    context,
    release,
    helmRelease: { namespace, name },
    controller: controllerOf(helmRelease),
    ...factsOf(row),
    state,
    revision: version,
    objects,
    ignored,
    since: creationTimestamp,
    ...(isGone ? { isDeleted: true } : {}),
  };
}
