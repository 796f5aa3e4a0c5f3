/** A log brought up to date by hand, with real keys and a real witness's signature: what the log's own process does, one round when a test says so. */
import { randomBytes } from 'node:crypto'
import { checkpointText } from '#audit/checkpoint.ts'
import { utf8 } from '#audit/digest.ts'
import { addSignatures, printSignature, signNote } from '#audit/note.ts'
import { cosigner, ed25519Signer } from '#audit/note-key.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { appendHeads } from '#db/heads.ts'
import { readInstitution } from '#db/institution.ts'
import { integrate, readLog, storeCheckpoint } from '#db/log.ts'
import type { InstitutionId } from '#domain/words.ts'

export interface LogRounds {
  /** C2SP tlog-policy: this log and one witness, both demanded. */
  readonly policy: string
  /** Sequences what waits and publishes a checkpoint over all of it; answers its size. */
  publish(): Promise<number>
  /** Tells where every trail stands, as an entry that the next checkpoint covers. */
  tellHeads(): Promise<void>
}

/** @param db opened as `bevis_sequencer` */
export async function logRounds(db: Db, institution: InstitutionId): Promise<LogRounds> {
  const { origin } = await inInstitution(db, institution, readInstitution)
  const signer = ed25519Signer(origin, randomBytes(32))
  const witness = cosigner('witness.example/w1', randomBytes(32))
  const publish = () =>
    inInstitution(db, institution, async (tx) => {
      await integrate(tx, 100_000)
      const log = await readLog(tx)
      if (log === undefined) throw new Error('nothing was ever logged')
      const { size, root } = log
      const text = checkpointText({ origin, size, root, extensions: [] })
      const { name, keyId } = witness
      const signature = witness.cosign(utf8(text), Math.floor(Date.now() / 1000))
      const note = addSignatures(signNote(text, [signer]), [printSignature({ name, keyId, signature })])
      await storeCheckpoint(tx, { size, root, note })
      return size
    })
  return {
    policy: `log ${signer.vkey}\nwitness w1 ${witness.vkey}\nquorum w1\n`,
    publish,
    tellHeads: async () => {
      const size = await publish()
      await inInstitution(db, institution, (tx) => appendHeads(tx, size))
    },
  }
}
