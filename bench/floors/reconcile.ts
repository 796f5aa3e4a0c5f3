/** The nightly reconciliation by itself, in a process of its own, so that its memory can be told. Writes its milliseconds, and how many things it found. */
import { readSecrets } from '#config/secrets.ts'
import { inInstitution, openDb } from '#db/client.ts'
import { reconcile, usualGraceSeconds } from '#db/queries/reconciliation.ts'
import { as, type InstitutionId } from '#domain/words.ts'

const [institution = ''] = process.argv.slice(2)
const { BEVIS_DATABASE_URL: url = '', BEVIS_SECRETS_FILE: secrets = '' } = process.env
const db = openDb(url, readSecrets(secrets), { max: 1 })
const began = performance.now()
const { discrepancies } = await inInstitution(db, as<InstitutionId>(institution), (tx) =>
  reconcile(tx, { limit: 1_000, graceSeconds: usualGraceSeconds }),
)
console.log(`${performance.now() - began} ${discrepancies.length}`)
await db.close()
