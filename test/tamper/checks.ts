/** The checks that must notice, as those who would run them do; each by the name the table gives it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/common'
import { watchLog } from '#activities/signing/await-log.ts'
import { signingActivities } from '#activities/signing.ts'
import { judgeCheckpoint } from '#audit/judge-checkpoint.ts'
import { parsePolicy } from '#audit/policy.ts'
import { verifyTrail } from '#audit/verify-trail.ts'
import { exitCodes } from '#cli/exit-codes.ts'
import { collectInputs } from '#db/case-input.ts'
import { inInstitution } from '#db/client.ts'
import { headsAsOf, newestHeads } from '#db/heads.ts'
import { reconcile } from '#db/queries/reconciliation.ts'
import { type WholeTrail, wholeTrails } from '#db/trails.ts'
import { bevis } from '../cli/run-bevis.ts'
import { norrsken } from '../e2e/emitters.ts'
import type { Scene } from './golden.ts'

/** What a check said: codes, and the exit code where it is a command. */
export interface Said {
  readonly codes: readonly string[]
  readonly exit?: number
}

export const checks = {
  /** `bevis reconcile`: kinds of discrepancy. */
  reconcile: async (scene: Scene): Promise<Said> => {
    const now = { limit: 50, graceSeconds: 600 }
    const { discrepancies } = await inInstitution(scene.db('bevis_api'), norrsken, (tx) => reconcile(tx, now))
    const exit = exitCodes[discrepancies.length === 0 ? 'ok' : 'verification-failed']
    return { codes: discrepancies.map(({ kind }) => kind), exit }
  },

  /** `bevis reconcile` on numbers that never came in: source and number. */
  gaps: async (scene: Scene): Promise<Said> => {
    const now = { limit: 50, graceSeconds: 600 }
    const { gaps } = await inInstitution(scene.db('bevis_api'), norrsken, (tx) => reconcile(tx, now))
    return {
      codes: gaps.map(({ source, from }) => `${source} ${from}`),
      exit: gaps.length === 0 ? 0 : exitCodes['verification-failed'],
    }
  },

  /** Whoever opens what gates judge: evidence that was moved or changed does not decrypt under its own name. */
  evidence: async (scene: Scene): Promise<Said> => {
    const { issued, cleared } = scene.golden
    const opened = inInstitution(scene.db('bevis_pipeline'), norrsken, (tx) => collectInputs(tx, [...issued, cleared]))
    return {
      codes: await opened.then(
        () => [],
        () => ['cannot-open'],
      ),
    }
  },

  /** `bevis verify` over the trails as the database has them, against the ends it states: checks that did not pass. */
  verify: async (scene: Scene): Promise<Said> => {
    const trails = await scene.admin<{ trail: string }[]>`select trail from audit.trail where institution = ${norrsken}`
    const whole = await inInstitution(scene.db('bevis_auditor'), norrsken, (tx) =>
      wholeTrails(
        tx,
        trails.map(({ trail }) => trail),
      ),
    )
    const broken = [...whole.values()].find(
      ({ leaves, expected }) => verifyTrail(leaves, expected).outcome !== 'passed',
    )
    return broken === undefined ? { codes: [], exit: exitCodes.ok } : verifyOne(broken)
  },

  /** `bevis log fsck --dir … --vkey … --trails`: what differs. */
  fsck: (scene: Scene): Promise<Said> =>
    commandSays(['log', 'fsck', '--dir', scene.files, '--vkey', scene.golden.vkey, '--trails', '--heads', '--json']),

  /** The log's worker: why it froze. */
  'log worker': async (scene: Scene): Promise<Said> => {
    const { frozen } = await scene.work()
    return { codes: frozen === undefined ? [] : [frozen] }
  },

  /** The same with a policy that asks no witness. */
  'log worker without witnesses': async (scene: Scene): Promise<Said> => {
    const { frozen } = await scene.work({ quorum: false })
    return { codes: frozen === undefined ? [] : [frozen] }
  },

  /** The signing worker, asked for the cleared case: why it refuses, or will not yet. */
  'signing worker': async (scene: Scene): Promise<Said> => {
    const { system, cleared } = scene.golden
    const { keys, publicUrl } = system
    // It believes the log only while the log's worker has just compared it with its lock.
    await scene.work()
    const db = scene.db('bevis_signing')
    const log = await watchLog(db)
    const { standing } = await scene.publisher()
    const policyOf = async () => (await inInstitution(db, norrsken, standing)).policy
    try {
      const acts = signingActivities({ db, keys, publicUrl, log, policyOf })
      const answers = await acts.sign({ institution: norrsken, cases: [cleared] })
      return { codes: answers.flatMap(({ outcome, code }) => (outcome === 'signed' ? [] : [code ?? outcome])) }
    } catch (error) {
      if (error instanceof ApplicationFailure) return { codes: [String(error.type)] }
      throw error
    } finally {
      await log.stop()
    }
  },

  /** The newest manifest of trail heads, computed again from what the database says of the log. */
  heads: async (scene: Scene): Promise<Said> =>
    inInstitution(scene.db('bevis_auditor'), norrsken, async (tx) => {
      const manifest = await newestHeads(tx)
      if (manifest === undefined) return { codes: ['no-manifest'] }
      const map = await headsAsOf(tx, manifest.asOfSize).catch(() => undefined)
      const same = map?.root === manifest.mapRoot && map.size === manifest.trails
      return { codes: same ? [] : ['map-differs'] }
    }),

  /** `bevis verify <package> --policy …`, with no network: checks that did not pass. */
  package: (scene: Scene): Promise<Said> => {
    const trust = `${scene.package}.policy`
    writeFileSync(trust, scene.golden.policyText)
    // Nobody stamps time in this world.
    return commandSays(['verify', scene.package, '--policy', trust, '--without', 'anchors,brackets', '--json'])
  },

  /** A relying party holds the published checkpoint against the policy it trusts. */
  policy: (scene: Scene): Promise<Said> => {
    const note = readFileSync(join(scene.files, 'checkpoint'), 'utf8')
    const judged = judgeCheckpoint(parsePolicy(scene.golden.policyText), note)
    return Promise.resolve({ codes: judged.ok ? [] : [judged.reason] })
  },
} as const

export type CheckName = keyof typeof checks

/** Written as `bevis case export` writes it, and checked as whoever gets it does. */
async function verifyOne({ leaves, expected: { log, trail, head } }: WholeTrail): Promise<Said> {
  const folder = mkdtempSync(join(tmpdir(), 'bevis-trail-'))
  try {
    const entries = leaves.map((leaf) => ({ leaf: Buffer.from(leaf).toString('base64url') }))
    writeFileSync(join(folder, 'trail.json'), JSON.stringify({ log, trail, entries }))
    return await commandSays(['verify', folder, '--trail-end', `${head?.n}:${head?.hash}`, '--json'])
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Codes anywhere in the JSON that a command answers with. */
async function commandSays(args: readonly string[]): Promise<Said> {
  const { code, stdout, stderr } = await bevis(args)
  const codes = new Set<string>()
  const collect = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(collect)
    else if (typeof value === 'object' && value !== null) {
      const { outcome, id, code: found } = value as { outcome?: unknown; id?: unknown; code?: unknown }
      if (typeof found === 'string') codes.add(found)
      if (typeof id === 'string' && typeof outcome === 'string' && outcome !== 'passed') codes.add(id)
      Object.values(value).forEach(collect)
    }
  }
  for (const text of [stdout, stderr]) {
    for (const part of text.trim() === '' ? [] : [text]) collect(parsed(part))
  }
  return { codes: [...codes], exit: code ?? -1 }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
