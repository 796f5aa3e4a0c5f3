/** A folder becomes a register, or a list of everything wrong with it. Nothing half-right is ever applied. */
import type { EvidenceKind } from '#domain/evidence.ts'
import type {
  Accreditation,
  Achievement,
  Appointment,
  Conflict,
  Mandate,
  Organisation,
  Person,
} from '#domain/register.ts'
import type { Instant, OrganisationId, PersonId, UnitId } from '#domain/words.ts'
import { checkAchievements } from './checks/achievements.ts'
import { checkEmitters } from './checks/emitters.ts'
import { checkIds } from './checks/ids.ts'
import { checkPeople, checkUnits } from './checks/people.ts'
import { checkPeriods } from './checks/periods.ts'
import { entries, reporter } from './checks/report.ts'
import { checkTightenings } from './checks/tightenings.ts'
import type { DeclaredEmitter, DeclaredInstitution, DeclaredPerson, DeclaredUnit, Tightening } from './files.ts'
import { type KeysOverlay, keysOverlay } from './keys.ts'
import type { RegisterProblem } from './problems.ts'
import { checkShape, type Draft, filesOf, noFolder, type RegisterFiles, readFiles } from './read.ts'

/** A person with what only the register knows. `name` and `birthDate` are personal (contracts §10). */
export interface RegisteredPerson extends Person {
  readonly name: string
  readonly birthDate?: string
  readonly references: readonly { readonly scheme: string; readonly value: string }[]
}

export interface EmitterKey {
  readonly kid: string
  readonly jwk: Readonly<Record<string, string>>
  readonly from: Instant
  readonly until?: Instant
}

/** Who may report what (contracts §3, authority). `id` is the source token of its events. */
export interface RegisteredEmitter {
  readonly id: string
  readonly name: DeclaredEmitter['name']
  readonly owner: { readonly organisation: OrganisationId; readonly unit?: UnitId }
  readonly kinds: readonly EvidenceKind[]
  /** Absent means all of the institution's. */
  readonly achievements?: readonly string[]
  readonly introducesLearners: boolean
  readonly signed: 'required' | 'optional'
  readonly nkey?: string
  readonly keys: readonly EmitterKey[]
}

export interface Register {
  /** `origin` is the log's address, `<host>/<institution>` (contracts §2). */
  readonly institution: DeclaredInstitution & { readonly origin: string }
  readonly organisations: readonly Organisation[]
  readonly units: readonly DeclaredUnit[]
  readonly people: readonly RegisteredPerson[]
  /** Pairs of ids that are one human being. */
  readonly linked: readonly (readonly [PersonId, PersonId])[]
  readonly appointments: readonly Appointment[]
  readonly accreditations: readonly Accreditation[]
  readonly mandates: readonly Mandate[]
  readonly conflicts: readonly Conflict[]
  readonly emitters: readonly RegisteredEmitter[]
  /** Every version. */
  readonly achievements: readonly Achievement[]
  readonly tightenings: readonly Tightening[]
}

export type LoadedRegister =
  | { readonly kind: 'register'; readonly register: Register }
  | { readonly kind: 'invalid'; readonly problems: readonly RegisterProblem[] }

/**
 * Loads and checks the whole register of one institution. Shapes first; when every file has its shape, how they fit together.
 *
 * @param folder with `institution.json`, the other nine lists and `achievements/`
 * @param options.keys public keys of emitters that are not in the files, as `{ "<emitter id>": {nkey?, jwk?} }`; a NATS key
 * given here replaces the file's, a signature key is added to it
 */
export function loadRegister(folder: string, { keys = {} }: { readonly keys?: KeysOverlay } = {}): LoadedRegister {
  const files = filesOf(folder)
  return files === undefined ? { kind: 'invalid', problems: [noFolder()] } : loadRegisterFiles(files, { keys })
}

/** The same for files that lie in no folder, such as those somebody sends. */
export function loadRegisterFiles(
  files: RegisterFiles,
  { keys = {} }: { readonly keys?: KeysOverlay } = {},
): LoadedRegister {
  const answer = readFiles(files)
  if (answer.kind === 'invalid') return answer
  const problems: RegisterProblem[] = []
  const draft = withKeys(answer.draft, keys, problems)
  const report = reporter(problems)
  const all = entries(draft)
  const institution = draft.files['institution.json']
  checkIds(all, institution, report)
  checkPeriods(all, report)
  checkUnits(all, report)
  checkPeople(all, institution, report)
  checkAchievements(all, institution, report)
  checkEmitters(all, report)
  checkTightenings(all, report)
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'register', register: registerOf(draft) }
}

const overlayFile = 'emitters.keys.json'

function withKeys(draft: Draft, keys: KeysOverlay, problems: RegisterProblem[]): Draft {
  const overlay = checkShape(keysOverlay, keys, { file: overlayFile, problems }) ?? {}
  const declared = draft.files['emitters.json']
  for (const id of Object.keys(overlay))
    if (!declared.emitters.some((emitter) => emitter.id === id))
      problems.push({
        file: overlayFile,
        pointer: `/${id}`,
        code: 'unknown-id',
        detail: 'names no emitter of this register',
        advice: 'declare the emitter, or correct the id',
      })
  const emitters = declared.emitters.map((emitter) => {
    const { nkey = emitter.nkey, jwk, from } = overlay[emitter.id] ?? {}
    const added = jwk === undefined || from === undefined ? [] : [{ jwk, from }]
    return { ...emitter, ...(nkey === undefined ? {} : { nkey }), keys: [...emitter.keys, ...added] }
  })
  return { ...draft, files: { ...draft.files, 'emitters.json': { ...declared, emitters } } }
}

function registerOf({ files, achievements }: Draft): Register {
  const { $schema: _, ...institution } = files['institution.json']
  const { people } = files['people.json']
  return {
    institution: { ...institution, origin: `${institution.host}/${institution.id}` },
    organisations: files['organisations.json'].organisations,
    units: files['units.json'].units,
    people: people.map(({ linked: __, ...person }) => person),
    linked: linkedPairs(people),
    appointments: files['appointments.json'].appointments,
    accreditations: files['accreditations.json'].accreditations,
    mandates: files['mandates.json'].mandates,
    conflicts: files['conflicts.json'].conflicts,
    emitters: files['emitters.json'].emitters.map(emitterOf),
    achievements: achievements.map(({ content: { $schema: __, ...achievement } }) => achievement),
    tightenings: files['tightenings.json'].tightenings,
  }
}

/** Each pair once, whoever of the two named the other. */
function linkedPairs(people: readonly DeclaredPerson[]): [PersonId, PersonId][] {
  const pairs = people.flatMap(({ id, linked }) =>
    linked.map((other): [PersonId, PersonId] => (id < other ? [id, other] : [other, id])),
  )
  return [...new Map(pairs.map((pair) => [pair.join(' '), pair])).values()]
}

function emitterOf({ keys, ...emitter }: DeclaredEmitter): RegisteredEmitter {
  return {
    ...emitter,
    keys: keys.map(({ jwk, ...period }) => ({ kid: jwk.kid, jwk: { ...jwk }, ...period })),
  }
}
