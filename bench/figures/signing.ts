/** Signed credentials per second as the signing worker makes them, and verifications, beside the bare library on the same bytes. */
import { CompactSign, compactVerify, importJWK } from 'jose'
import { oneReading } from '#activities/signing/dependencies.ts'
import { issue } from '#credentials/signing/issue.ts'
import { prepare } from '#credentials/signing/prepared.ts'
import { type VerifyContext, verifyCredential } from '#credentials/verify.ts'
import { base } from '../../test/credentials/sample.ts'
import { now, openWorld, prepareRequest, reach, statusList, type World } from '../../test/credentials/world.ts'
import { type Bench, type Figure, interleaved, rate } from '../figure.ts'
import { compared } from '../results.ts'

const caseOf = (index: number) => `case_bench${index}`
/** Cases of one list. */
const listSize = 50

export const signing: Figure = {
  name: 'signing',
  title: 'credentials signed and verified per second, beside bare jose',
  measure: async ({ sizes }: Bench) => {
    const world = await openWorld()
    try {
      const signed = await signLists(world, listSize)
      const payloads = signed.map((compact) => Buffer.from(compact.split('.')[1] ?? '', 'base64url'))
      const count = sizes.cases * 4
      const context = await atHand(world)
      const { kid, alg, key } = world.key
      const [jwk] = (await world.keys.jwks('norrsken')).keys
      if (jwk === undefined) throw new Error('no key is published')
      const publicKey = await importJWK({ ...jwk }, alg)
      const timed = async (work: (index: number) => Promise<unknown>) => {
        const began = performance.now()
        for (let index = 0; index < count; index += 1) await work(index)
        return rate(count, began, performance.now())
      }
      const found = await interleaved(sizes.runs + 1, {
        sign: async () => {
          const began = performance.now()
          const made = await signLists(world, count)
          return rate(made.length, began, performance.now())
        },
        bareSign: () =>
          timed((index) =>
            new CompactSign(payloads[index % listSize] ?? new Uint8Array()).setProtectedHeader({ alg, kid }).sign(key),
          ),
        verify: () =>
          timed(async (index) => mustVerify(await verifyCredential(signed[index % listSize] ?? '', context))),
        bareVerify: () => timed((index) => compactVerify(signed[index % listSize] ?? '', publicKey)),
      })
      // The first round warms the compiler up.
      const [sign, bareSign, verify, bareVerify] = [found.sign, found.bareSign, found.verify, found.bareVerify].map(
        (all) => all.slice(1),
      ) as [number[], number[], number[], number[]]
      const row = { unit: 'credentials/s', aim: { atLeast: 0.7 } }
      return [
        compared({ ...row, figure: 'signing: sign', ours: sign, beside: 'jose, the same bytes', theirs: bareSign }),
        compared({
          ...row,
          figure: 'signing: verify',
          ours: verify,
          beside: 'jose, the same bytes',
          theirs: bareVerify,
        }),
      ]
    } finally {
      await world.close()
    }
  },
}

/** Prepares, lints and signs, list by list, as step 8 does between its two transactions. */
async function signLists(world: World, count: number): Promise<string[]> {
  const made: string[] = []
  for (let from = 0; from < count; from += listSize) {
    const keys = oneReading(world.keys)
    const ids = Array.from({ length: Math.min(listSize, count - from) }, (_, index) => caseOf(from + index))
    const tokens = ids.map((caseId, index) => {
      const outcome = prepare(prepareRequest('E', { caseId, credentialId: `cred_aebagbafaydq${from + index}` }))
      if (outcome.kind !== 'prepared') throw new Error(JSON.stringify(outcome.findings))
      return { token: outcome.token, caseId }
    })
    const issued = await Promise.all(
      tokens.map(({ token, caseId }) => issue(token, keys, { institution: 'norrsken', caseId })),
    )
    made.push(...issued.flatMap((one) => (one.kind === 'issued' ? one.documents.map(({ compact }) => compact) : [])))
  }
  if (made.length !== count) throw new Error(`${made.length} of ${count} were signed`)
  return made
}

/** A verifier that has key set and status list at hand already. */
async function atHand({ keys, key }: World): Promise<VerifyContext> {
  const context = reach(keys, await statusList(key))
  const found = await context.resolveKeys(`${base}/institutions/norrsken`, key.kid)
  return { ...context, now, resolveKeys: async () => found }
}

function mustVerify({ result }: { readonly result: string }): void {
  if (result !== 'verified') throw new Error(result)
}
