/** Verifies envelopes of our two profiles, and documents under `eddsa-rdfc-2022`, which the public suites present with. Asks nobody. */
import { isObject } from '#credentials/bytes.ts'
import { openEnvelope, saysEnvelope } from '#credentials/envelope.ts'
import { keyOfMethod } from '#credentials/integrity/did.ts'
import { type ProofDemand, proofProblem } from '#credentials/integrity/proof.ts'
import { judgePresentation } from '#credentials/model/presentation.ts'
import { listOf } from '#credentials/model/values.ts'
import { verifyCredential } from '#credentials/verify.ts'
import { verifyPresentationJwt } from '#credentials/verifying/presentation.ts'
import type { ResolveKeys } from '#credentials/verifying/signature.ts'
import { documentProblems } from './issue.ts'

type Document = Readonly<Record<string, unknown>>

export interface Answer {
  readonly errors: readonly string[]
  /** Checks that could not be made: status lists are not fetched, and no key of a DID has a window. */
  readonly warnings: readonly string[]
}

export interface Asked {
  readonly challenge?: string
  readonly domain?: string
  readonly now: string
}

export async function verifyObject(credential: Document, now: string): Promise<Answer> {
  if (saysEnvelope(credential, 'credential') || isDataUrl(credential['id'])) {
    const compact = openEnvelope(credential, 'credential')
    return compact === undefined
      ? wrong('it is no sound EnvelopedVerifiableCredential (VCDM 2.0 §4.13.1)')
      : verifyText(compact, now)
  }
  const problems = await documentProblems(credential)
  if (problems.length > 0) return { errors: problems, warnings: [] }
  const issuer = isObject(credential['issuer']) ? credential['issuer']['id'] : credential['issuer']
  const demand: ProofDemand = { purpose: 'assertionMethod', controller: String(issuer), now }
  const problem = await proofProblem(credential, demand)
  return problem === undefined ? sound : wrong(problem)
}

/** `warnings` of the credentials inside are the presentation's. */
export async function verifyPresentation(given: Document, asked: Asked): Promise<Answer> {
  const { presentation, problem } = await openPresentation(given, asked)
  if (presentation === undefined) return { errors: problem, warnings: [] }
  const inside = listOf(presentation['verifiableCredential']).filter(isObject)
  const answers = await Promise.all(inside.map((one) => verifyObject(one, asked.now)))
  return {
    errors: answers.flatMap(({ errors }, index) => errors.map((error) => `$.verifiableCredential[${index}]: ${error}`)),
    warnings: answers.flatMap(({ warnings }) => warnings),
  }
}

interface Opened {
  /** Present only when its proof held. */
  readonly presentation?: Document
  readonly problem: readonly string[]
}

async function openPresentation(given: Document, asked: Asked): Promise<Opened> {
  if (saysEnvelope(given, 'presentation') || isDataUrl(given['id'])) {
    const compact = openEnvelope(given, 'presentation')
    if (compact === undefined) return { problem: ['it is no sound EnvelopedVerifiablePresentation (VCDM 2.0 §4.13.2)'] }
    const answer = await verifyPresentationJwt(compact, asked)
    return answer.kind === 'held' ? { presentation: answer.presentation, problem: [] } : { problem: [answer.because] }
  }
  const findings = judgePresentation(given)
  if (findings.length > 0) {
    return { problem: findings.map(({ path, because, clause }) => `${path}: ${because.en} (${clause})`) }
  }
  const problem = await proofProblem(given, { purpose: 'authentication', ...asked })
  return problem === undefined ? { presentation: given, problem: [] } : { problem: [problem] }
}

function isDataUrl(id: unknown): boolean {
  return typeof id === 'string' && id.startsWith('data:')
}

async function verifyText(compact: string, now: string): Promise<Answer> {
  const report = await verifyCredential(compact, {
    now,
    resolveKeys: ownAddress,
    resolveStatusList: async () => ({ kind: 'unreachable' }),
  })
  const failed = report.checks.filter(({ outcome }) => outcome === 'failed').map(({ because }) => because.en)
  if (failed.length > 0) return { errors: failed, warnings: [] }
  const open = report.checks.filter(({ outcome }) => outcome === 'could-not-check')
  const warnings = open.map(({ id, because }) => `${id}: ${because.en}`)
  // Without a key that was found and a signature that held there is nothing to answer for.
  if (report.credential === undefined) return { errors: warnings, warnings: [] }
  return { errors: await documentProblems(withoutClaims(report.credential)), warnings }
}

/** The registered claims (RFC 7519 §4.1), which VC-JOSE-COSE §3.1.3 lets stand beside the members, are no words of the credential. */
const registered = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti']

function withoutClaims(payload: Document): Document {
  return Object.fromEntries(Object.entries(payload).filter(([name]) => !registered.includes(name)))
}

/** A DID that is a key has always been that key. */
const ownAddress: ResolveKeys = async (issuer, kid) => {
  const jwk = kid.startsWith(`${issuer}#`) ? keyOfMethod(kid) : undefined
  return jwk === undefined ? { kind: 'unreachable' } : { kind: 'found', value: [{ ...jwk, kid, nbf: 0 }] }
}

const sound: Answer = { errors: [], warnings: [] }

function wrong(error: string): Answer {
  return { errors: [error], warnings: [] }
}
