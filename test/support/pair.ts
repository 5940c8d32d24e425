import assert from "node:assert/strict";
import { CommandError } from "../../hack/lib/command";
import { content } from "../../hack/lib/objects";
import { isLocked, lock } from "../../hack/locker/helm-release";
import type { helms } from "./both-helms";
import { postSentinel, stands } from "./changes";
import { writeChart, type Chart } from "./chart";
import { NAMESPACE, Room } from "./room";

/** The namespace of the releases that are not locked. */
const TWIN = `${NAMESPACE}-twin`;

/** The name of an object that each release of a chart has one of. */
export const OWN_NAME = "{{ .Release.Namespace }}-{{ .Release.Name }}";

/** Path of an object, by its name and its release's namespace. */
export type PathIn = (namespace: string, name: string) => string;

/** Writes to an object. */
export type Write = (path: string) => Promise<unknown>;

/**
 * Opens a room with the namespace of the releases that are not locked, and with the sentinel.
 *
 * @param prepare installs what else is needed
 */
export function openForTwins(prepare?: (room: Room) => Promise<void>): Promise<Room> {
  return Room.open(async room => {
    await prepare?.(room);
    await room.kubectl("create", "namespace", TWIN);
    await postSentinel(room);
  });
}

/**
 * Two releases of one chart, the same in all but their namespaces, of which one is locked. The object
 * that it is about has {@link OWN_NAME}.
 */
export class Pair {
  readonly #upgrade: (namespace: string) => Promise<string>;

  private constructor(
    readonly room: Room,
    readonly release: string,
    upgrade: (namespace: string) => Promise<string>,
  ) {
    this.#upgrade = upgrade;
  }

  /** Installs both, and locks one. */
  static async install(
    room: Room,
    helm: (typeof helms)[number],
    release: string,
    chart: Chart,
  ): Promise<Pair> {
    const folder = await writeChart(room.controlPlane.directory, release, chart);
    const upgrade = (namespace: string) =>
      room.controlPlane[helm](["upgrade", "--install", release, folder, "--namespace", namespace]);
    await Promise.all([NAMESPACE, TWIN].map(upgrade));
    await lock(room, release);
    return new Pair(room, release, upgrade);
  }

  /**
   * Lets others write to an object of both, and shows that each write stays, that the lock is fine, and that the next
   * upgrade, without force, ends on both in the same way.
   *
   * @returns how: a conflict, or "upgraded"
   */
  async leaves(pathIn: PathIn, ...writes: readonly Write[]): Promise<string> {
    const { room, release } = this;
    const pathOf = (namespace: string) => pathIn(namespace, `${namespace}-${release}`);
    for (const write of writes) {
      await stands(room, pathOf(NAMESPACE), () => write(pathOf(NAMESPACE)));
      await write(pathOf(TWIN));
    }
    await isLocked(room, release);
    const [locked = "", twin = ""] = await Promise.all([NAMESPACE, TWIN].map(name => this.#outcome(name)));
    assert.equal(locked, twin, "the upgrades ended differently");
    const [one, other] = await Promise.all([NAMESPACE, TWIN].map(name => this.#contentOf(pathOf(name))));
    assert.deepEqual(one, other, "the upgrades left different objects");
    if (locked === "upgraded") await isLocked(room, release);
    return locked;
  }

  async #outcome(namespace: string): Promise<string> {
    try {
      await this.#upgrade(namespace);
      return "upgraded";
    } catch (error) {
      if (error instanceof CommandError)
        return asOne(/conflict with .*/.exec(error.stderr)?.[0] ?? error.stderr);
      throw error;
    }
  }

  async #contentOf(path: string): Promise<unknown> {
    return JSON.parse(asOne(JSON.stringify(content(await this.room.api.read(path)))));
  }
}

/** A text that is the same for both. */
function asOne(text: string): string {
  return text.replaceAll(TWIN, NAMESPACE);
}
