import type { AuditEvent } from "../../../hack/clusters/control-plane/audit";

/** How long a write may be on its way that was sent before the lock was suspended, in milliseconds. */
const ON_ITS_WAY = 1_000;

/** A time in which the locker has to write nothing to a release, as its suspension shows in the status and has not come to its end. */
export class Silence {
  readonly #from = Date.now() + ON_ITS_WAY;
  #to: number;

  /** @param to in milliseconds since 1970 */
  constructor(
    readonly release: string,
    to: number,
  ) {
    this.#to = to;
  }

  /** Ends it, if it has not ended: somebody is about to ask for something else. */
  end(): void {
    this.#to = Math.min(this.#to, Date.now());
  }

  /** Which writes break it. */
  breaches(writes: readonly AuditEvent[]): string[] {
    return writes
      .filter(({ objectRef, requestReceivedTimestamp }) => {
        const at = Date.parse(requestReceivedTimestamp);
        return objectRef?.name?.startsWith(`${this.release}-`) === true && at > this.#from && at < this.#to;
      })
      .map(({ verb, requestURI, requestReceivedTimestamp }) => {
        return `${requestReceivedTimestamp} ${verb} ${requestURI}, while ${this.release} was suspended`;
      });
  }
}
