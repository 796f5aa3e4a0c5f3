/** Runs every property of test/audit/log and test/verifier for a time: `npm run fuzz -- [seconds per property]`. Tells seed and path of what fails. */
import fc from 'fast-check'
import { properties } from '../test/audit/log/properties.ts'
import { documentSigner } from '../test/support/documents.ts'
import { propertiesOf } from '../test/verifier/properties.ts'

const seconds = Number(process.argv[2] ?? 30)
if (!(seconds > 0)) throw new Error('npm run fuzz -- <seconds for each property>')

const signer = await documentSigner()
let failures = 0
for (const { name, holds } of [...properties, ...(await propertiesOf(signer.sign))]) {
  const limits = {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1_000,
    markInterruptAsFailure: false,
  }
  const report = await fc.check(holds as fc.IAsyncProperty<unknown>, limits)
  failures += report.failed ? 1 : 0
  console.log(`${report.failed ? 'FAILED' : 'held  '} ${String(report.numRuns).padStart(9)} runs  ${name}`)
  if (report.failed) console.log(fc.defaultReportMessage(report))
}
await signer.close()
process.exitCode = failures === 0 ? 0 : 1
