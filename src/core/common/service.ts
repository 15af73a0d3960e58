/**
 * The life cycle every long-lived part has. Both calls are idempotent; after stop() resolves no socket, timer, file or
 * child of the service is left.
 */
export interface Service {
  /** Resolves when the part works. */
  start(): Promise<void>;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
}
