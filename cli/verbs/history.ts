import type { HelmRelease } from "../../crds/helm-release";
import type { HistoryStatus } from "../../crds/history";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { cut } from "../../capabilities/report/words";
import { helmReleasesIn, Locks } from "../access/locks";
import { isDrawn } from "../output/live";
import { Listing, type Column, type Shape } from "../output/listing";
import { NOTHING, shortField } from "../output/values";
import type { Call } from "../verb";
import { onSite, releaseOfCall, resourceOf, rulingOf, tellOthers } from "./governed";
import { watch } from "./watching";

/** How many characters of the fields a table shows. */
const MOST_OF_FIELDS = 60;

/** What others have changed, and what was done about it. */
type Entry = HistoryStatus[number];

/** Shows what was changed of a release, and what the locker did about it: the newest first. */
export async function history(call: Call): Promise<number> {
  const { flags, stdout, stderr } = call;
  return onSite(call, async (place, namespace) => {
    const release = releaseOfCall(call, namespace);
    const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
    const ruling = rulingOf(locks, release, call);
    tellOthers(call, release, ruling);
    if (flags.watch) {
      const isNewestFirst = isDrawn(flags, stdout);
      await watch(call, [{ ...place, context: releaseKey(release) }], {
        shape: SHAPE,
        rowsOf: known => {
          const entries = [...known.values()].flatMap(all => entriesIn(all.values(), release));
          return isNewestFirst ? entries : entries.reverse();
        },
        keyOf,
        goneOf: () => undefined,
      });
      return 0;
    }
    const listing = new Listing(SHAPE, flags, stdout);
    const entries = entriesOf(ruling.governor.helmRelease);
    for (const entry of entries) listing.add(entry);
    listing.end();
    if (entries.length === 0)
      stderr.write(
        `No change of release ${releaseKey(release)} is known to ${resourceOf(ruling.governor.helmRelease)}.\n`,
      );
    return 0;
  });
}

/** What stays the same as a change is seen again and again. */
function keyOf({ object, operation, fields, by, action }: Entry): string {
  return JSON.stringify([object, operation, fields, by, action]);
}

function entriesIn(helmReleases: Iterable<HelmRelease>, release: ReleaseRef): Entry[] {
  const governor = new Locks(helmReleases).of(release)?.governor.helmRelease;
  return governor ? entriesOf(governor) : [];
}

function entriesOf({ status }: HelmRelease): Entry[] {
  return [...(status?.history ?? [])];
}

const COLUMNS: readonly Column<Entry>[] = [
  { title: "TIME", text: ({ time }) => time ?? NOTHING },
  { title: "COUNT", text: ({ count }) => numberText(count) },
  { title: "OBJECT", text: ({ object }) => object ?? NOTHING },
  { title: "OPERATION", text: ({ operation }) => operation ?? NOTHING },
  { title: "FIELDS", text: ({ fields }, isWide) => fieldsText(fields ?? [], isWide) },
  { title: "BY", text: ({ by }) => by?.join(",") || NOTHING },
  { title: "ACTION", text: ({ action }) => action ?? NOTHING },
  { title: "TOOK", text: ({ tookMs }) => numberText(tookMs, "ms") },
];

const SHAPE: Shape<Entry> = {
  columns: COLUMNS,
  object: entry => entry,
  name: ({ object }) => object ?? NOTHING,
};

function numberText(number: number | null | undefined, unit = ""): string {
  return typeof number === "number" ? `${number}${unit}` : NOTHING;
}

/** The first fields, as many as fit, and how many more there are. */
export function fieldsText(fields: readonly string[], isWide: boolean): string {
  if (fields.length === 0) return NOTHING;
  if (isWide) return fields.join(",");
  const [first = "", ...others] = fields.map(shortField);
  let [text, count] = [cut(first, MOST_OF_FIELDS), 1];
  for (const field of others) {
    if (text.length + field.length + 1 > MOST_OF_FIELDS) break;
    [text, count] = [`${text},${field}`, count + 1];
  }
  return count === fields.length ? text : `${text} +${fields.length - count}`;
}
