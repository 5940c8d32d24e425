import type { HelmRelease } from "../../crds/helm-release";
import { follow, type Place } from "../access/follower";
import { causeWords } from "../output/error-words";
import { Live } from "../output/live";
import type { Shape } from "../output/listing";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { coalesced } from "./coalesced";

/** How often ages are drawn anew, in milliseconds. */
const TICK = 1_000;

/** A place, and what it is called. */
export interface Watched extends Place {
  readonly context: string;
}

/** What is shown of the HelmReleases of some clusters while they change. */
export interface Sight<Row, Site> {
  readonly shape: Shape<Row>;
  /** Every row, in order. */
  readonly rowsOf: (known: ReadonlyMap<Site, ReadonlyMap<string, HelmRelease>>) => readonly Row[];
  /** What tells a row from the others; one that has changed has the same. */
  readonly keyOf: (row: Row) => string;
  /** What is shown of a row whose HelmRelease is gone; undefined: nothing. */
  readonly goneOf: (row: Row) => Row | undefined;
}

/** Shows rows, and shows them again whenever they change, until the user ends it. */
export async function watch<Row, Site extends Watched>(
  call: Call,
  places: readonly Site[],
  sight: Sight<Row, Site>,
): Promise<void> {
  const { shape, rowsOf, keyOf, goneOf } = sight;
  const live = new Live(shape, call.flags, call.stdout);
  const known = new Map(places.map(place => [place, new Map<string, HelmRelease>()]));
  const unlisted = new Set(places);
  let shown = new Map<string, { readonly text: string; readonly row: Row }>();
  /** Which places are not seen for now, and why. */
  const troubles = new Map<Site, string>();
  const show = coalesced(() => {
    if (unlisted.size > 0) return;
    const rows = rowsOf(known);
    const now = new Map(rows.map(row => [keyOf(row), { text: JSON.stringify(shape.object(row)), row }]));
    const changed = [...now].filter(([key, { text }]) => shown.get(key)?.text !== text);
    const gone = [...shown].filter(([key]) => !now.has(key)).flatMap(([, { row }]) => goneOf(row) ?? []);
    shown = now;
    live.show(rows, [...changed.map(([, { row }]) => row), ...gone], [...troubles.values()]);
  });
  const watches = places.map(place => {
    const helmReleases = known.get(place) ?? new Map<string, HelmRelease>();
    return follow(place, {
      changed: helmRelease => {
        helmReleases.set(helmRelease.metadata.name, helmRelease);
        show();
      },
      gone: ({ metadata }) => {
        helmReleases.delete(metadata.name);
        show();
      },
      listed: () => {
        unlisted.delete(place);
        show();
      },
      failed: error => {
        const text = `warning: ${harmless(`${place.context}: ${causeWords(error)}`)}; it is tried again`;
        if (!live.isDrawn && troubles.get(place) !== text) call.stderr.write(`${text}\n`);
        troubles.set(place, text);
        unlisted.delete(place);
        show();
      },
      resumed: () => {
        troubles.delete(place);
        show();
      },
    });
  });
  const ticking = live.isDrawn ? setInterval(show, TICK) : undefined;
  await untilInterrupted();
  clearInterval(ticking);
  for (const each of watches) each.stop();
}

/** Waits for Ctrl-C, or for a request to end. */
async function untilInterrupted(): Promise<void> {
  await new Promise<void>(resolve => {
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => {
        resolve();
      });
  });
}
