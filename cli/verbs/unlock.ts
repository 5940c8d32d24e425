import { releaseKey } from "../../capabilities/release/release";
import { helmReleasesIn, Locks, type Held } from "../access/locks";
import { remove, retried } from "../access/writes";
import { UserError } from "../errors";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { onSite, releaseOfCall, resourceOf, rulingOf } from "./governed";

/** Deletes the HelmRelease of a release, or all of them; the objects of the release stay as they are. */
export async function unlock(call: Call): Promise<number> {
  return onSite(call, async (place, namespace) => {
    const release = releaseOfCall(call, namespace);
    let deleted = 0;
    await retried(async () => {
      const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
      if (deleted > 0 && !locks.of(release)) return;
      const { governor, others } = rulingOf(locks, release, call);
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

function severalWords(release: string, governor: Held, others: readonly Held[]): string {
  const { name, namespace } = governor.helmRelease.metadata;
  const names = others.map(({ helmRelease }) => helmRelease.metadata.name).sort();
  return `release ${release} is locked by HelmRelease ${name}, whose policy holds, and by ${names.join(", ")}: to delete all of them, give --with-others; to delete one, kubectl delete hrl ${name} -n ${namespace}`;
}
