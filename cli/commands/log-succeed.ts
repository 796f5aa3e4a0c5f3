/** Ends a log that cannot go on and begins the one that follows it (docs/log.md#succession). */
import { parseCheckpoint } from '#audit/checkpoint.ts'
import { parseNote } from '#audit/note.ts'
import { inGeneration, logOf } from '#audit/succession.ts'
import { armFailpoints, inStep } from '#config/failpoints.ts'
import { type Db, inInstitution } from '#db/client.ts'
import { readInstitution } from '#db/institution.ts'
import { readCheckpoint, readLog } from '#db/log.ts'
import { type FreezeReason, LogFault } from '#db/log-fault.ts'
import { endLog, newestSuccession, type SuccessionProblem, succeedLog } from '#db/succession.ts'
import type { InstitutionId } from '#domain/words.ts'
import { checkTables } from '#workers/log/check.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { institutionIn, ownerConfig, withLock } from '../log-standing.ts'
import { type Settings, settingsOf } from '../settings.ts'

/** Why a log may end, and what it must have been found to stand still for; nothing where it may be in the best of health. */
const reasons: Readonly<Record<string, readonly FreezeReason[] | 'any'>> = {
  'key-compromised': 'any',
  'entries-lost': ['behind-lock', 'witness-ahead', 'ended'],
  'other-history': ['root-differs', 'inconsistent', 'witness-ahead', 'witness-refuses', 'ended'],
}

export const succeed = command({
  takes: '<institution>',
  args: [1, 1],
  options: {
    ends: {
      value: '<origin>',
      says: 'the log that ends, as it is signed: a command that is given again after the next has begun ends none',
    },
    reason: {
      value: '<code>',
      says: 'why it ends: key-compromised, entries-lost or other-history; goes into the first entry of the new log',
    },
  },
  examples: [
    ['bevis log succeed norrsken', 'what would end, and what would follow? changes nothing'],
    [
      'bevis log succeed norrsken --ends id.norrsken.example/norrsken --reason key-compromised',
      'end it and begin the next; as the database’s owner',
    ],
  ],
  run: async ({ args: [named = ''], values, out }) => {
    const institution = institutionIn(named)
    const settings = settingsOf()
    armFailpoints(settings.config.failpointsDir, 'cli')
    return withDatabase({ config: ownerConfig(settings) }, async (db) => {
      const standing = await standingOf(db, institution)
      const { log, origin, generation, ...told } = standing
      const frozen = log.frozen ?? (await behindLock(settings, institution, log.size))
      const next = inGeneration(origin, generation + 1)
      const plan = { ...told, frozen, ends: inGeneration(origin, generation), begins: next }
      if (values.reason === undefined) {
        out.data(() => tell(plan), plan)
        return 'ok' as const
      }
      demandNamed(values.ends, origin, generation)
      demandReason(values.reason, frozen)
      const stopped = { db, institution, origin, generation }
      await inStep('end', () => end(stopped))
      const last = await inStep('fence', () => fenced(settings, db, institution))
      await demandSound(db, institution)
      const begun = await inStep('begin', () => begin(stopped, last, values.reason ?? ''))
      const { size, kept } = begun
      out.data(() => done(next, begun), { begins: next, size, kept, generation: begun.generation })
      return 'ok' as const
    })
  },
})

interface Stopped {
  readonly db: Db
  readonly institution: InstitutionId
  /** Of the institution's first log. */
  readonly origin: string
  readonly generation: number
}

/** A log that followed meanwhile is not stopped for the one that ended. */
function end({ db, institution, origin, generation }: Stopped): Promise<void> {
  return inInstitution(db, institution, async (tx) => {
    if (!(await endLog(tx, generation))) throw alreadyBegun(origin, generation + 1)
  })
}

async function begin({ db, institution, origin, generation }: Stopped, last: string, reason: string) {
  try {
    return await inInstitution(db, institution, async (tx) => {
      const made = await succeedLog(tx, { generation, last, reason })
      if ('kind' in made) throw unfit(made, inGeneration(origin, generation), alreadyBegun(origin, generation + 1))
      return made
    })
  } catch (error) {
    throw error instanceof LogFault ? unsound(error.because) : error
  }
}

function unfit({ kind }: SuccessionProblem, ends: string, begun: CliError): CliError {
  if (kind === 'begun') return begun
  if (kind !== 'goes-on') return unsound(kind)
  return refused(
    'log/goes-on',
    `somebody let ${ends} go on meanwhile`,
    'agree on what shall become of it, then ask again',
  )
}

interface Plan {
  readonly ends: string
  readonly begins: string
  readonly frozen: FreezeReason | undefined
  readonly size: number
}

function tell({ ends, begins, frozen, size }: Plan): string {
  return [
    `${ends} ${frozen === undefined ? 'goes on' : `stands still: ${frozen}`}, with ${size} entries.`,
    `After it would come ${begins}, with the same entries in the same places, a key of its own and an entry that says why.`,
    '',
    'First bevis log recover: a log that can be put back is not ended. What each reason means: docs/log.md#succession.',
    `Then: bevis log succeed <institution> --ends ${ends} --reason key-compromised | entries-lost | other-history`,
  ].join('\n')
}

function done(origin: string, { size, kept }: { readonly size: number; readonly kept: number }): string {
  return [
    `${origin} has begun with ${size} entries; of them ${kept} are proved to be those of the log before it.`,
    'The log worker makes its key and says which line every policy needs (also the witnesses’); until then nothing is signed.',
    'Leave the line of the log before in the policies of whoever verifies; witnesses take it out, so that nobody can go on with it.',
  ].join('\n')
}

async function standingOf(db: Db, institution: InstitutionId) {
  return inInstitution(db, institution, async (tx) => {
    const [{ origin }, log, before, published] = [
      await readInstitution(tx),
      await readLog(tx),
      await newestSuccession(tx),
      await readCheckpoint(tx),
    ]
    if (log === undefined || published === undefined)
      throw refused(
        'log/never-published',
        'this log has published nothing',
        'there is nothing that another could follow',
      )
    if (before !== undefined && published.size <= before.size) throw alreadyBegun(origin, before.generation)
    return { log, origin, generation: before?.generation ?? 1, size: log.size }
  })
}

function alreadyBegun(origin: string, generation: number): CliError {
  return refused(
    'log/succession-begun',
    `${inGeneration(origin, generation)} has begun and has published nothing yet`,
    'the log worker says what keeps it: most likely the policy lacks the line with its key',
  )
}

/** Given again, the command names a log that has ended already; without a name it would end the one that followed. */
function demandNamed(ends: string | undefined, origin: string, generation: number): void {
  const now = inGeneration(origin, generation)
  if (ends === now) return
  if (ends === undefined)
    throw usage('missing-option', '--ends <origin> is missing: which log ends?', `--ends ${now}, if it is that one`)
  const named = logOf(ends)
  if (named.log === origin && named.generation < generation)
    throw refused(
      'log/ended-already',
      `${ends} has ended; ${now} is signed now`,
      `nothing is left to do, unless ${now} shall end too: then name it`,
    )
  throw usage('ends', `no log of ${origin} is called ${ends}`, `--ends ${now}, if it is that one`)
}

/** Of a restored database nobody may have told yet that it is behind. */
async function behindLock(
  settings: Settings,
  institution: InstitutionId,
  size: number,
): Promise<FreezeReason | undefined> {
  const held = await withLock(settings, (lock) => lock.read(institution))
  return held !== undefined && parseCheckpoint(parseNote(held.note).text).size > size ? 'behind-lock' : undefined
}

function demandReason(reason: string, frozen: FreezeReason | undefined): void {
  const fitting = Object.hasOwn(reasons, reason) ? reasons[reason] : undefined
  if (fitting === undefined)
    throw usage('reason', `no log ends for ${reason}`, `one of ${Object.keys(reasons).join(', ')}`)
  if (fitting === 'any' || (frozen !== undefined && fitting.includes(frozen))) return
  const what = frozen === undefined ? 'the log goes on' : `the log stands still for ${frozen}`
  throw refused('log/not-for-that', `${what}; it does not end for ${reason}`, 'bevis log recover tells the way on')
}

/**
 * The note in the lock, put back as it is: whoever was about to put the next one there has been overtaken, and finds the log frozen.
 * Where NATS lost it, the newest that was published.
 */
async function fenced(settings: Settings, db: Db, institution: InstitutionId): Promise<string> {
  return withLock(settings, async (lock) => {
    for (;;) {
      const held = await lock.read(institution)
      const note = held?.note ?? (await inInstitution(db, institution, (tx) => readCheckpoint(tx)))?.note
      if (note === undefined) throw refused('log/never-published', 'nothing was ever signed', 'ask again')
      if ((await lock.replace(institution, held, note)) !== undefined) return note
    }
  })
}

/** A log that follows takes everything over as it is, so it must be one story. */
async function demandSound(db: Db, institution: InstitutionId): Promise<void> {
  const { findings } = await checkTables(db, institution)
  // That a signed checkpoint differs is why this log ends.
  const [first] = findings.filter(({ code }) => code !== 'checkpoint-differs')
  if (first !== undefined) throw unsound(`${first.code} at ${first.at}`)
}

function unsound(what: string): CliError {
  const mend = 'restore the database from before it was changed; a new log would only take the damage over'
  return new CliError({ exit: 'verification-failed', code: 'log/unsound', what: `the log is not whole: ${what}`, mend })
}

function refused(code: string, what: string, mend: string): CliError {
  return new CliError({ exit: 'conflict', code, what, mend })
}
