import { patiently } from "../../hack/lib/patience";
import { REGISTRATION_NAMESPACE } from "../../hack/locker/helm-release";
import type { LockerOptions, LockerProcess } from "../../hack/locker/process";
import { metricIs } from "./queue";
import { Room } from "./room";

/** A room in which two lockers run that take turns. */
export class RoomOfTwo extends Room {
  #first: LockerProcess | undefined;

  /** Opens one. @param prepare installs what else is needed; @param options of the first locker */
  static async openForTwo(
    prepare?: (room: RoomOfTwo) => Promise<void>,
    options: (room: RoomOfTwo) => Promise<Partial<LockerOptions>> = () => Promise.resolve({}),
  ): Promise<RoomOfTwo> {
    const room = await RoomOfTwo.withoutLocker();
    try {
      await letTakeTurns(room);
      room.#first = room.spawnLocker({ ...(await options(room)), ...as("one") });
      await patiently(room.#first.ready, "the first locker");
      await metricIs(room.#first, "helm_locker_rank", rank => rank === 0);
      await room.startLocker(as("two"));
      await metricIs(room.second, "helm_locker_rank", rank => rank === 1);
      await prepare?.(room);
      return room;
    } catch (error) {
      await room.leave();
      throw error;
    }
  }

  /** The locker that comes first. */
  get first(): LockerProcess {
    if (!this.#first) throw new Error("no locker was started here");
    return this.#first;
  }

  /** The locker that stands by. */
  get second(): LockerProcess {
    return this.locker;
  }

  override async leave(): Promise<void> {
    await this.#first?.kill();
    await super.leave();
  }
}

/** The options of a locker that takes turns with others. */
function as(identity: string): Partial<LockerOptions> {
  return { env: { HELM_LOCKER_IDENTITY: identity } };
}

/** Gives the lockers of a room the rights that the chart gives several of them. */
async function letTakeTurns(room: Room): Promise<void> {
  const inRegistration = ["--namespace", REGISTRATION_NAMESPACE];
  const verbs = ["--verb=get,create,patch", "--resource=leases.coordination.k8s.io"];
  await room.controlPlane.kubectl(["create", "role", "leases", ...verbs, ...inRegistration]);
  const bound = ["--role=leases", `--user=${room.lockerUser}`];
  await room.controlPlane.kubectl(["create", "rolebinding", "leases", ...bound, ...inRegistration]);
}
