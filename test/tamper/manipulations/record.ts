/** Done as superuser to the tables beside the log, which no constraint and no chain holds: only what trails tell of them does. */
import { norrsken } from '../../e2e/emitters.ts'
import type { Manipulation } from './manipulation.ts'

const rows = (what: string, statements: readonly string[], ...kinds: readonly string[]): Manipulation => ({
  what,
  hand: 'superuser',
  act: async ({ admin }) => {
    for (const statement of statements) {
      const { count } = await admin.unsafe(statement)
      if (count === 0) throw new Error(`nothing to tamper with: ${statement}`)
    }
    return undefined
  },
  shows: kinds.map((kind) => ['reconcile', kind] as const),
})

const issued = `(select min(id) from credential where institution = '${norrsken}')`
const planted = `'${norrsken}', 'pers_planted'`

export const inRecord: readonly Manipulation[] = [
  rows(
    'plant a decision that nobody took',
    [
      `insert into decision (id, institution, case_id, person, role, outcome, reason, loa, acr, auth_time, evidence_version, seen,
        idempotency_key) select 'deci_planted', institution, case_id, person, role, 'approve', 'x', 3, 'x', now(), 1, 'x', 'x'
        from case_appointment limit 1`,
    ],
    'decision-untold',
  ),
  rows(
    'ask another person to decide',
    [`update case_appointment set person = 'pers_planted' where ended_at is null`],
    'appointment-untold',
  ),
  rows(
    'revoke in the name of two officers, row and bit',
    [
      `insert into revocation (id, institution, credential_id, case_id, ordinal, state, reason, detail, proposed_by, approved_by, idempotency_key)
        select 'revo_planted', institution, id, case_id, 1, 'executed', 'x', '', 'pers_a', 'pers_b', 'x' from credential where id = ${issued}`,
      `update status_slot set value = 1 where credential_id = ${issued}`,
    ],
    'revocation-untold',
    'revocation-unapproved',
    'list-differs',
  ),
  rows(
    'read the status of a credential from another place of the list',
    [`update status_slot set slot = (slot + 4711) % 131072 where credential_id = ${issued}`],
    'slot-moved',
  ),
  rows(
    'serve another status list than was decided',
    [`update status_list set published = 'e30.e30.e30'`],
    'list-differs',
  ),
  rows(
    'publish a key of one’s own beside the issuer’s',
    [
      `insert into issuer_key (kid, institution, jwk, alg, valid_from, status) select 'planted', institution, jwk, alg, valid_from, status
        from issuer_key where institution = '${norrsken}' limit 1`,
    ],
    'key-untold',
  ),
  rows(
    'put a key of one’s own under the name of the issuer’s',
    [`update issuer_key set jwk = jsonb_set(jwk, '{x}', '"other"')`],
    'key-differs',
  ),
  rows('call the issuer’s key compromised', [`update issuer_key set status = 'compromised'`], 'key-untold'),
  rows(
    'put a key of one’s own under an emitter of the register',
    [`update register_item set body = jsonb_set(body, '{jwk}', '{"kty": "OKP"}') where kind = 'emitter'`],
    'register-differs',
  ),
  rows(
    'end a mandate that the register gives',
    [
      `update register_item set revision_until = 1 where kind = 'appointment' and revision_until is null and id = (
        select min(id) from register_item where kind = 'appointment' and revision_until is null)`,
    ],
    'register-differs',
  ),
  rows('take away a case with all that stands in tables', [`delete from cases where state = 'deciding'`], 'case-lost'),
  rows(
    'let a case stand where it never came',
    [`update cases set state = 'refused' where state = 'issued'`],
    'state-differs',
  ),
  rows('give a case a higher level', [`update cases set level = 'A' where state = 'issued'`], 'case-differs'),
  rows(
    'give a case to another learner',
    [`update cases set person = 'pers_planted' where state = 'issued'`],
    'person-differs',
  ),
  rows(
    'turn a verdict round after the case was issued',
    [
      `update verdict set outcome = 'fail', result = jsonb_set(result, '{verdict,outcome}', '"fail"') where gate = 'separation'`,
    ],
    'verdict-untold',
  ),
  rows('take a fact away', [`delete from evidence`], 'evidence-lost'),
  rows(
    'take a fact away from its case: it is another person’s from now on',
    [`update evidence set person = 'pers_planted' where id = (select min(id) from evidence)`],
    'fact-unlinked',
  ),
  rows(
    'prolong a credential in its row',
    [`update credential set valid_until = '2099-01-01' where id = ${issued}`],
    'signature-differs',
  ),
  rows(
    'plant a key for an institution that nobody registered',
    [
      `insert into issuer_key (kid, institution, jwk, alg, valid_from, status) select 'planted', 'nobody', jwk, alg, valid_from, status
        from issuer_key where institution = '${norrsken}' limit 1`,
    ],
    'institution-unregistered',
  ),
  rows('mark a fact as taken back', [`update evidence set withdrawn_by = 'evid_none'`], 'withdrawal-lost'),
  rows(
    'take an event away and leave its number, so that no gap shows',
    [`delete from inbox where event_key in (select event_key from emitter_sequence)`],
    'number-without-event',
    'evidence-without-event',
  ),
  rows(
    'say that somebody was erased who was not',
    [
      `insert into erasure (id, institution, person, classes, basis, decision, detail, state, proposed_by, decided_by, ended_at)
        select 'eras_planted', institution, person, '{judgements,credentials}', 'x', 'x', '', 'executed', 'pers_a', 'pers_b', now()
        from cases where state = 'issued' limit 1`,
    ],
    'erasure-untold',
    'erasure-undone',
  ),
  rows(
    'erase without a decision',
    [`update subject_key set wrapped = null, destroyed_at = now()`, `delete from audit.disclosure`],
    'key-destroyed-untold',
    'disclosure-lost',
  ),
  rows(
    'plant a legal hold',
    [
      `insert into legal_hold (institution, person, id, reason, decision, placed_by) values (${planted}, 'hold_planted', 'x', 'x', 'x')`,
    ],
    'hold-untold',
  ),
  rows(
    'plant a protected identity',
    [
      `insert into protected_person (institution, person, reason, decision, marked_by) values (${planted}, 'x', 'x', 'x')`,
    ],
    'protection-untold',
  ),
  rows(
    'announce a credential that nobody signed',
    [
      `insert into outbox (id, institution, kind, target, payload, done_at) values ('planted', '${norrsken}', 'event', 'x',
        '{"type": "org.beviskedja.credential.issued.v1", "data": {"credentialId": "cred_none"}}', now())`,
    ],
    'announcement-untold',
  ),
  ...(
    [
      [
        'lift the trigger that keeps entries as they are',
        `alter table audit.entry disable trigger entry_never_changes`,
      ],
      [
        'let audit.append take anybody for anybody',
        `create or replace function audit.may_act(kind text) returns boolean language sql as $$ select true $$`,
      ],
      [
        'take the check away that holds columns to the bytes of an entry',
        `alter table audit.entry drop constraint entry_is_its_leaf`,
      ],
      ['let everybody see every institution', `create policy everything on cases using (true)`],
      ['let the API delete decisions', `grant delete on decision to bevis_api`],
    ] as const
  ).map(
    ([what, statement]): Manipulation => ({
      what,
      hand: 'superuser',
      act: async ({ admin }) => {
        await admin.unsafe(statement)
        return undefined
      },
      shows: [['reconcile', 'guard-differs']],
    }),
  ),
]
