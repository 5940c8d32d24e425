import { ForbiddenError } from "../../capabilities/cluster/errors";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { Revisions } from "../../capabilities/release/revisions";
import { policyLabelOf } from "../../capabilities/state/claim";
import { isSuspendedAt, modeOf } from "../../capabilities/state/standing";
import { askedSpec, type AskedSpec } from "../access/asked-spec";
import type { Place } from "../access/follower";
import { helmReleasesIn, Locks, type Ruling } from "../access/locks";
import { nearest } from "../access/names";
import { findReleases } from "../access/releases";
import { change, create, retried } from "../access/writes";
import { UserError } from "../errors";
import { causeWords } from "../output/error-words";
import { say } from "../output/say";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { flagsOf, onSite, releaseOfCall, resourceOf, tellOthers } from "./governed";

/** Locks a release, or changes how it is locked. */
export async function lock(call: Call): Promise<number> {
  const { mode, filename } = call.flags;
  const asked = askedSpec(call.flags);
  return onSite(call, async (place, namespace) => {
    const release = releaseOfCall(call, namespace);
    const warn = once((text: string) => {
      say(call, `warning: ${text}`);
    });
    await retried(async () => {
      const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
      const asksMore = mode !== undefined || filename !== undefined;
      const ruling = locks.of(release);
      // What a policy has made says what the policy says; one that is made by hand takes its place.
      const isByPolicy = ruling && policyLabelOf(ruling.governor.helmRelease) !== undefined;
      if (!ruling || (isByPolicy && asksMore)) await begin(call, { place, locks, release, warn }, asked);
      else if (asksMore) await alter(call, place, { release, ruling }, asked);
      else keep(call, release, ruling);
    });
    return 0;
  });
}

interface Beginning {
  readonly place: Place;
  readonly locks: Locks;
  readonly release: ReleaseRef;
  readonly warn: (text: string) => void;
}

/** Passes each text on once, however often it is tried again. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return text => {
    if (!told.has(text)) tell(text);
    told.add(text);
  };
}

/** Makes a HelmRelease. */
async function begin(
  call: Call,
  { place, locks, release, warn }: Beginning,
  { spec }: AskedSpec,
): Promise<void> {
  const foreign = locks.foreignOf(release);
  if (foreign) warn(`HelmRelease ${foreign.metadata.name} of another controller names this release, too`);
  await warnOfAbsence(place, release, warn);
  const made = await create(place, freeName(locks, release), { release, spec });
  call.stdout.write(`${resourceOf(made)} created\n`);
  hint(call, release, spec.driftDetection?.mode);
}

/** The release's own name, or with its namespace where that is taken. */
function freeName({ helmReleases }: Locks, { name, namespace }: ReleaseRef): string {
  const names = [name, `${name}.${namespace}`];
  const free = names.find(each => !helmReleases.has(each));
  if (free !== undefined) return free;
  throw new UserError(`there are HelmReleases ${names.join(" and ")} already, of other releases`);
}

/** Says that an installed release is not what is locked: it will be, once Helm has installed it. */
async function warnOfAbsence(
  { cluster }: Place,
  { name, namespace }: ReleaseRef,
  warn: (text: string) => void,
): Promise<void> {
  try {
    const there = await findReleases(cluster, { namespace, selector: undefined }, new Revisions(() => true));
    if (there.some(release => release.name === name)) return;
    const names = there.map(release => release.name);
    const guess = nearest(name, names) || "; it is locked once Helm installs it";
    warn(`there is no release ${name} in namespace ${namespace} yet${guess}`);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    warn(`whether there is such a release can't be seen: ${causeWords(error)}`);
  }
}

function keep(call: Call, release: ReleaseRef, ruling: Ruling): void {
  const { helmRelease, standing } = ruling.governor;
  const { policy } = standing;
  const mode = modeOf({ policy, isSuspended: isSuspendedAt(policy, Date.now()) });
  call.stdout.write(`${harmless(resourceOf(helmRelease))} unchanged\n`);
  say(call, `release ${releaseKey(release)} is locked by it already, in mode ${mode}`);
  tellOthers(call, release, ruling);
}

/** Changes the HelmRelease whose policy holds. */
async function alter(
  call: Call,
  place: Place,
  { release, ruling }: { readonly release: ReleaseRef; readonly ruling: Ruling },
  { spec, patchOf }: AskedSpec,
): Promise<void> {
  const { helmRelease } = ruling.governor;
  const now = await change(place, helmRelease, patchOf(helmRelease.spec));
  const isSame = now.metadata.resourceVersion === helmRelease.metadata.resourceVersion;
  call.stdout.write(`${harmless(resourceOf(now))} ${isSame ? "unchanged" : "configured"}\n`);
  tellOthers(call, release, ruling);
  if (!isSame) hint(call, release, spec.driftDetection?.mode);
}

/** What to type next. */
function hint(call: Call, release: ReleaseRef, mode = "enabled"): void {
  if (mode === "enabled")
    say(call, `To wait until it is locked: ${call.program} wait ${flagsOf(release, call)} --for locked`);
}
