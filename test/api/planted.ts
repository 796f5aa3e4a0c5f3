/** Objects of one institution whose every value can be recognised, and the ids by which each kind is asked for. */
import { appendEntries } from '#db/audit-log.ts'
import { caseRows } from '#db/cases.ts'
import { inInstitution } from '#db/client.ts'
import { recordIntentions, storeCredentials } from '#db/credentials.ts'
import { storeDeadLetters } from '#db/dead-letters.ts'
import { drawList } from '#db/decision-lists.ts'
import { proposeErasure } from '#db/erasures.ts'
import { placeHold } from '#db/holds.ts'
import { evidenceId } from '#db/ids.ts'
import { readInstitution } from '#db/institution.ts'
import { protect } from '#db/protection.ts'
import { recordReview } from '#db/quality-reviews.ts'
import { takenEvents } from '#db/queries/events.ts'
import type { RegisterItem } from '#db/register-items.ts'
import { storeProposal } from '#db/register-proposals.ts'
import { proposeRevocation } from '#db/revocations.ts'
import { claimSlots } from '#db/status-lists.ts'
import { as, type CaseId, type CredentialId, type Instant, type InstitutionId } from '#domain/words.ts'
import { achievement } from './achievement.ts'
import { caseToDecide } from './cases.ts'
import { registerFiles } from './register-files.ts'
import { type ApiWorld, personOf } from './world.ts'

/** Segment of a path → id of the object asked for after it. A new kind of object in a path needs a line here. */
export type Planted = Readonly<Record<string, string>>

/** Stands in everything that was planted in the institution. */
export function markerOf(institution: InstitutionId): string {
  return `planted-in-${institution}`
}

const issuedAt = as<Instant>('2026-02-02T10:00:00.000Z')

export async function plant(w: ApiWorld, institution: InstitutionId): Promise<Planted> {
  const marker = markerOf(institution)
  const caseId = await caseToDecide(w, { offering: marker, institution })
  const credential = await issue(w, { institution, caseId, marker })
  const letter = {
    stream: 'COMPLETIONS',
    subject: `completions.${institution}.${marker}`,
    code: marker,
    problems: [{ code: 'missing', pointer: `/${marker}`, detail: 'is missing', advice: 'say it' }],
    payload: Buffer.from(JSON.stringify({ marker })),
    headers: { 'Nats-Msg-Id': marker },
  }
  const [deadLetter = ''] = await inInstitution(w.open('bevis_intake'), institution, (tx) =>
    storeDeadLetters(tx, [letter]),
  )
  const { key, revocation, list, proposal } = await inInstitution(w.db, institution, async (tx) => {
    const [completion] = await takenEvents(tx, { kind: 'completion' }, { limit: 1 })
    const { revocation } = await proposeRevocation(tx, {
      id: `revo_${marker}`,
      credentialId: credential,
      caseId,
      subject: personOf('learner'),
      reason: marker,
      text: marker,
      by: personOf('second-officer'),
      idempotencyKey: marker,
    })
    const about = { person: personOf('learner'), decision: marker }
    const erasing = {
      classes: ['facts'],
      basis: 'archive-disposal',
      text: marker,
      by: personOf('second-privacy'),
    } as const
    await proposeErasure(tx, { ...about, ...erasing, id: `eras_${marker}` })
    const by = {
      ref: marker,
      kind: 'human',
      role: 'officer',
      authn: { acr: 'urn:mfa', auth_time: 1_795_000_000 },
    } as const
    await recordReview(
      tx,
      {
        id: `qrev_${marker}`,
        from: '2026-01-01',
        until: '2026-07-01',
        looked: ['report:none'],
        findings: [marker],
        actions: [{ action: marker, due: '2026-09-01' }],
        reference: marker,
      },
      by,
    )
    const [row] = await caseRows(tx, [caseId])
    const { trail } = await readInstitution(tx)
    const sent = { received: '2026-01-01', reference: marker }
    const act = { meaning: 'planted', outcome: 'success' }
    await appendEntries(tx, [
      {
        trail: row?.trail ?? '',
        id: `${caseId}:appeal-lodged:appl_${marker}`,
        type: 'appeal.lodged/1',
        actor: by,
        act,
        data: { appeal: `appl_${marker}`, kind: 'appeal', against: 'outcome', ...sent },
      },
      {
        trail,
        id: `comp_${marker}:received`,
        type: 'complaint.received/1',
        actor: by,
        act,
        data: { complaint: `comp_${marker}`, category: marker, persons: [], ...sent },
      },
    ])
    await placeHold(tx, { ...about, id: `hold_${marker}`, reason: marker, placedBy: personOf('second-privacy') })
    await protect(tx, {
      person: personOf('decider'),
      reason: marker,
      decision: marker,
      markedBy: personOf('second-privacy'),
    })
    const proposed = `prop_${marker}`
    const files = registerFiles(institution)
    await storeProposal(tx, { id: proposed, reason: marker, files, by: personOf('second-officer') })
    const reviewer = personOf('reviewer')
    const drawn = await drawList(tx, { person: reviewer, humans: [reviewer], ids: [caseId] })
    if (drawn.kind === 'unfit') throw new Error(JSON.stringify(drawn.cases))
    return { key: completion?.key ?? '', revocation: revocation.id, list: drawn.list.id, proposal: proposed }
  })
  return {
    institutions: institution,
    cases: caseId,
    evidence: evidenceId(Buffer.from(key, 'hex')),
    credentials: credential,
    revocations: revocation,
    'dead-letters': deadLetter,
    'decision-lists': list,
    events: key,
    appointments: 'external-reviewer',
    'register-proposals': proposal,
    erasures: `eras_${marker}`,
    holds: `hold_${marker}`,
    'quality-reviews': `qrev_${marker}`,
    appeals: `appl_${marker}`,
    complaints: `comp_${marker}`,
    protections: personOf('decider'),
    register: 'achievement',
    '{kind}': achievementOf(institution).id,
    achievements: achievementOf(institution).body.id,
    versions: '1',
    profiles: 'C2-D',
    // Public documents
    problems: 'stale',
    keys: 'k',
    'status-lists': '1',
  }
}

/** Kinds whose names are words of ours, the same at every institution. */
export const words: readonly string[] = [
  'institutions',
  'appointments',
  'register',
  'versions',
  'profiles',
  'protections',
]

/** What only this institution has. */
export function achievementOf(institution: InstitutionId): RegisterItem & { readonly body: { readonly id: string } } {
  const id = markerOf(institution)
  return { kind: 'achievement', id: `${id}@1`, body: { ...achievement().body, id } }
}

/** Ids of the same shapes under which nothing was ever stored. */
export function nowhere(planted: Planted): Planted {
  const last = (id: string) => id.slice(0, -1) + (id.endsWith('2') ? '3' : '2')
  return Object.fromEntries(Object.entries(planted).map(([kind, id]) => [kind, words.includes(kind) ? id : last(id)]))
}

async function issue(
  w: ApiWorld,
  { institution, caseId, marker }: { institution: InstitutionId; caseId: CaseId; marker: string },
): Promise<CredentialId> {
  const id = as<CredentialId>(`cred_${marker}`)
  await inInstitution(w.open('bevis_signing'), institution, async (tx) => {
    await claimSlots(tx, [id])
    await recordIntentions(tx, [{ credentialId: id, caseId, kid: 'k', documentDigest: 'd', issuedAt, provedBy: 1 }])
    await storeCredentials(tx, [
      {
        credentialId: id,
        caseId,
        subject: personOf('learner'),
        format: 'ob3-jwt',
        kid: 'k',
        digest: 'd',
        issuedAt,
        compact: `a.${marker}.c`,
      },
    ])
  })
  return id
}
