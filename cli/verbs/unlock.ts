import { policyLabelOf } from "../../capabilities/state/claim";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { helmReleasesIn, Locks, type Held } from "../access/locks";
import { remove, retried } from "../access/writes";
import { UserError } from "../errors";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { flagsOf, onSite, releaseOfCall, resourceOf, rulingOf } from "./governed";

/** Deletes the HelmRelease of a release, or all of them; the objects of the release stay as they are. */
export async function unlock(call: Call): Promise<number> {
  return onSite(call, async (place, namespace) => {
    const release = releaseOfCall(call, namespace);
    let deleted = 0;
    await retried(async () => {
      const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
      if (deleted > 0 && !locks.of(release)) return;
      const { governor, others } = rulingOf(locks, release, call);
      const policy = policyLabelOf(governor.helmRelease);
      if (policy !== undefined) throw new UserError(byPolicyWords(release, policy, call));
      if (others.length > 0 && !call.flags.withOthers)
        throw new UserError(severalWords(releaseKey(release), governor, others));
      // The last one to go is the one whose policy holds.
      for (const { helmRelease } of [...others, governor]) {
        await remove(place, helmRelease);
        deleted++;
        call.stdout.write(`${harmless(resourceOf(helmRelease))} deleted\n`);
      }
    });
    return 0;
  });
}

/** What a policy has made is made again. */
function byPolicyWords(release: ReleaseRef, policy: string, call: Call): string {
  const suspend = `${call.program} suspend ${flagsOf(release, call)}`;
  return `release ${releaseKey(release)} is locked by HelmLockerPolicy ${policy}, which would have it locked again: exclude it there (spec.releases.exclude), or suspend it: ${suspend}`;
}

function severalWords(release: string, governor: Held, others: readonly Held[]): string {
  const { name, namespace } = governor.helmRelease.metadata;
  const names = others.map(({ helmRelease }) => helmRelease.metadata.name).sort();
  return `release ${release} is locked by HelmRelease ${name}, whose policy holds, and by ${names.join(", ")}: to delete all of them, give --with-others; to delete one, kubectl delete hrl ${name} -n ${namespace}`;
}
