import { setTimeout as delay } from "node:timers/promises";
import { placeKey, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { parseManifestInPieces } from "../release/manifest";
import { newestRecord, newestState, type RecordSearch } from "../release/newest";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";

/** By how much longer than a reading takes its namespace rests afterwards: anybody may write records, as often as they like. */
const REST = 4;

/** Least rest after a reading that failed, in milliseconds. */
const REST_AFTER_FAILURE = 1_000;

/** How much is remembered of all rivals together, in characters. */
const MAX_REMEMBERED = 4_000_000;

/** How records are found, and who hears of answers. */
interface Parts extends RecordSearch {
  /** Called once an answer about a release is known, and also where it could not be found out. */
  readonly answered: (release: ReleaseRef) => void;
}

/** What one state of a release's newest record tracks. */
interface Answer {
  readonly state: RecordState;
  readonly places: ReadonlySet<string>;
  readonly size: number;
}

/**
 * Knows what other releases track; an object's annotations prove nothing, because anybody may write them. Each state of a record is read
 * once, and nobody waits for it: a record may hold thousands of documents.
 */
export class Rivals {
  readonly #parts: Parts;
  /** By release, the longest unused first. */
  readonly #answers = new Map<string, Answer>();
  /** Releases that are being read, or wait for it. */
  readonly #reading = new Set<string>();
  /** By namespace: when its next record may be read. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Whether a release's newest record tracks an object. An uninstalled release tracks nothing, nor does a record that can't be read.
   *
   * @param object with its namespace, if its kind has one
   * @returns undefined while that is being found out; `answered` tells the end of it
   * @throws ApiError, NetworkError
   */
  async tracks(release: ReleaseRef, object: KubeObject): Promise<boolean | undefined> {
    const state = await newestState(release, this.#parts);
    if (!state) return false;
    const answer = this.#answers.get(releaseKey(release));
    if (answer && isSame(answer.state, state)) return answer.places.has(placeKey(object, object));
    this.#takeTurn(release, state);
    return undefined;
  }

  #takeTurn(release: ReleaseRef, state: RecordState): void {
    const key = releaseKey(release);
    const { namespace } = release;
    if (this.#reading.has(key)) return;
    this.#reading.add(key);
    const turn = (this.#turns.get(namespace) ?? Promise.resolve()).then(async () => {
      const began = performance.now();
      const isRead = await this.#read(release, state);
      this.#reading.delete(key);
      if (isRead) this.#parts.answered(release);
      const rest = REST * (performance.now() - began);
      await delay(isRead ? rest : Math.max(rest, REST_AFTER_FAILURE), undefined, { ref: false });
      if (!isRead) this.#parts.answered(release);
      if (this.#turns.get(namespace) === turn) this.#turns.delete(namespace);
    });
    this.#turns.set(namespace, turn);
  }

  /** @returns whether it could be read */
  async #read(release: ReleaseRef, asked: RecordState): Promise<boolean> {
    try {
      const newest = await newestRecord(release, this.#parts);
      const isLive = newest.is === "record" && newest.record.status !== "uninstalled";
      const objects = isLive ? (await parseManifestInPieces(newest.record.manifest)).objects : [];
      this.#remember(release, newest.is === "record" ? newest.state : asked, objects);
      return true;
    } catch {
      return false;
    }
  }

  #remember(release: ReleaseRef, state: RecordState, objects: readonly KubeObject[]): void {
    const places = new Set(objects.flatMap(object => placesOf(object, release)));
    const size = [...places].reduce((sum, place) => sum + place.length, 0);
    this.#answers.delete(releaseKey(release));
    let free = MAX_REMEMBERED - size;
    for (const answer of this.#answers.values()) free -= answer.size;
    for (const [key, answer] of this.#answers) {
      if (free >= 0) break;
      this.#answers.delete(key);
      free += answer.size;
    }
    this.#answers.set(releaseKey(release), { state, places, size });
  }
}

/** Where an object of a manifest may be: in its namespace, or in none if its kind has none. */
function placesOf(object: KubeObject, release: ReleaseRef): string[] {
  const { name, namespace = release.namespace } = refOf(object);
  return [{ name }, { name, namespace }].map(metadata => placeKey(object, { metadata }));
}

function isSame(one: RecordState, other: RecordState): boolean {
  return one.uid === other.uid && one.resourceVersion === other.resourceVersion;
}
