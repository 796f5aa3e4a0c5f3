/** What NATS lets an emitter do: speak under its own name, read its own answers, nothing else (contracts §3). */
import { completionsSubject, type Origin } from '#events/subjects.ts'

/** The name an emitter connects under; its inbox carries it, so that nobody else reads its answers. */
export function emitterName({ institution, source }: Origin): string {
  return `${institution}_${source}`
}

/** One entry for the list of users in the server's configuration. */
export function emitterEntry(origin: Origin, nkey: string): string {
  const permissions = { publish: [completionsSubject(origin)], subscribe: [`_INBOX_${emitterName(origin)}.>`] }
  return `{ nkey: ${nkey}, permissions: ${JSON.stringify(permissions)} }`
}
