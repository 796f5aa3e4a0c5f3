/**
 * Rows of the record held against the trails that tell of them, both ways: a row that no entry tells of was planted, or says something else
 * than was told; an entry whose row is gone tells of what somebody took away. Entries cannot be rewritten unseen, rows can.
 */
import { type SQL, sql } from 'drizzle-orm'
import { actorRef } from '#db/audit-log.ts'
import { list, type Tx } from '#db/client.ts'
import type { PersonId } from '#domain/words.ts'

/** Who decided or was appointed, as a table of person and the pseudonym that the log has for them. */
export async function staffOf(tx: Tx): Promise<SQL> {
  const rows = await tx.execute<{ person: PersonId }>(sql`
    select distinct person from (
      select person from decision where institution = ${tx.institution}
      union all select person from case_appointment where institution = ${tx.institution}
      union all select unnest(array[proposed_by, approved_by]) from revocation where institution = ${tx.institution}) as acted
    where person is not null`)
  const persons = rows.map(({ person }) => person)
  const refs = persons.map((person) => actorRef(tx.keys, tx.institution, person))
  return sql`unnest(${list(persons)}::text[], ${list(refs)}::text[]) as staff(person, ref)`
}

/** Kind → the ids it is true of. */
export function untold(tx: Tx, staff: SQL) {
  const of = (table: string) => sql`${sql.raw(table)}.institution = ${tx.institution}`
  const data = sql.raw(`convert_from(e.leaf, 'UTF8')::jsonb -> 'data'`)
  // Most of the time a night takes goes into reading leaves as JSON: OFFSET 0 has each read once, however often it is asked about.
  const read = sql.raw(`audit.entry e cross join lateral (
    select leaf -> 'data' as said, leaf -> 'actor' ->> 'ref' as by from (select convert_from(e.leaf, 'UTF8')::jsonb as leaf offset 0) as l) as t`)
  const refOf = (person: SQL) => sql`(select ref from ${staff} where staff.person = ${person})`
  /** An entry with this id says all of these; `said` is its data, `by` who acted. */
  const told = (id: SQL, type: string, ...says: readonly SQL[]) => sql`exists (
    select from ${read} where ${of('e')} and e.entry_id = ${id} and e.type = ${type} ${sql.join(
      says.map((one) => sql`and ${one}`),
      sql` `,
    )})`
  /** What entries of a type name in this member of their data, where `isGone` is true of it. */
  const gone = (type: string, member: string, isGone: SQL) => sql`
    select said ->> ${member} as what from ${read}
    where ${of('e')} and e.type = ${type} and ${isGone}`
  /** The last entry of these types in each trail. */
  const last = (...types: readonly string[]) => sql`(
    select distinct on (e.trail) e.trail, convert_from(e.leaf, 'UTF8')::jsonb -> 'data' as said from audit.entry e
    where ${of('e')} and e.type = any(${list(types)}::text[]) order by e.trail, e.n desc)`
  // Leaves are canonical, so a word without escapes stands in them as it is; of one that is not, the daily reading of the log tells.
  const mentions = (word: string) => sql`position(convert_to(${word}, 'UTF8') in e.leaf) > 0`
  const moment = (at: SQL) => sql`to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
  const endsWith = (type: string, end: SQL) => sql`exists (
    select from audit.entry e where ${of('e')} and e.type = ${type} and right(e.entry_id, length(${end})) = ${end})`
  const sameSuccessor = sql`said ->> 'successor' is not distinct from r.successor`
  return {
    /** A decision that is nobody's act, or another than was told. */
    'decision-untold': sql`
      select d.id as what from decision d where ${of('d')} and not ${told(
        sql`d.case_id || ':decision:' || d.id`,
        'decision.recorded/1',
        sql`said ->> 'outcome' = d.outcome`,
        sql`said ->> 'role' = d.role`,
        sql`said -> 'evidenceVersion' = to_jsonb(d.evidence_version)`,
        sql`by = ${refOf(sql`d.person`)}`,
      )}`,
    'decision-lost': gone(
      'decision.recorded/1',
      'decision',
      sql`not exists (select from decision d where d.id = said ->> 'decision')`,
    ),
    'verdict-untold': sql`
      select v.entry as what from verdict v left join cases c on ${of('c')} and c.id = v.case_id
      left join audit.entry e on ${of('e')} and e.trail = c.trail and e.entry_id = v.entry and e.type = 'gate.judged/1'
      left join lateral (select convert_from(e.leaf, 'UTF8')::jsonb -> 'data' as said offset 0) as t on true
      where ${of('v')} and not coalesce(said ->> 'gate' = v.gate and said ->> 'outcome' = v.outcome
        and said ->> 'outcome' = v.result -> 'verdict' ->> 'outcome' and said -> 'evidenceVersion' = to_jsonb(v.evidence_version), false)`,
    'verdict-lost': sql`
      select e.entry_id as what from (
        select e.entry_id, e.leaf from audit.entry e where ${of('e')} and e.type = 'gate.judged/1'
          and not exists (select from verdict v where ${of('v')} and v.entry = e.entry_id) offset 0) as e
      where ${data} ->> 'gate' <> 'revocation'`,
    /** No opening in its trail: the row was planted, or points to another trail. */
    'case-untold': sql`
      select c.id as what from cases c where ${of('c')} and not exists (select from audit.entry e where ${of('e')}
        and e.trail = c.trail and e.type = 'case.opened/1' and starts_with(e.entry_id, c.id || ':'))`,
    'case-lost': sql`
      select e.trail::text as what from audit.entry e where ${of('e')} and e.type = 'case.opened/1'
        and not exists (select from cases c where ${of('c')} and c.trail = e.trail)`,
    /** The case says another achievement, promise or level than its trail. */
    'case-differs': sql`
      select c.id as what from cases c
      left join ${last('case.opened/1', 'achievement.changed/1')} as about on about.trail = c.trail
      left join ${last('issuance.cleared/1')} as cleared on cleared.trail = c.trail and c.state = 'issued'
      left join ${last('case.recorded/1')} as kept on kept.trail = c.trail and c.state = 'recorded'
      where ${of('c')} and (about.said ->> 'achievement' is distinct from c.achievement
        or about.said -> 'achievementVersion' is distinct from to_jsonb(c.achievement_version)
        or about.said ->> 'promised' is distinct from c.promised
        or coalesce(cleared.said, kept.said) ->> 'level' <> c.level)`,
    /** The case stands elsewhere than its last move led. */
    'state-differs': sql`
      select c.id as what from cases c left join lateral (
        select convert_from(e.leaf, 'UTF8')::jsonb -> 'act' ->> 'outcome' as state from audit.entry e where ${of('e')}
          and e.trail = c.trail and ${mentions('case-moved')} and convert_from(e.leaf, 'UTF8')::jsonb -> 'act' ->> 'meaning' = 'case-moved'
        order by e.n desc limit 1) as moved on true
      where ${of('c')} and coalesce(moved.state, 'received') <> c.state`,
    /** A fact that a case took in is nowhere, and nobody erased it. */
    'evidence-lost': sql`
      select distinct said ->> 'evidence' as what from ${read}
      join cases c on ${of('c')} and c.trail = e.trail
      where ${of('e')} and e.type in ('case.opened/1', 'evidence.received/1') and said ? 'evidence'
        and not exists (select from evidence v where v.id = said ->> 'evidence')
        and not exists (select from erasure x left join cases k on k.id = x.case_id where ${of('x')} and x.state = 'executed'
          and 'facts' = any(x.classes) and (x.person = c.person or (k.offering = c.offering and k.attempt = c.attempt)))
        and not exists (select from audit.entry g where g.institution = e.institution and g.trail = e.trail and g.type = 'privacy.erased/1')`,
    /** A fact that a case took in is of somebody else than its learner: the link that made them one human being is gone. */
    'fact-unlinked': sql`
      select distinct said ->> 'evidence' as what from ${read}
      join cases c on ${of('c')} and c.trail = e.trail join evidence v on ${of('v')} and v.id = said ->> 'evidence' and v.person <> c.person
      where ${of('e')} and e.type in ('case.opened/1', 'evidence.received/1') and not exists (
          with recursive same(id) as (select c.person union select case when l.a = s.id then l.b else l.a end
            from same s join person_link l on ${of('l')} and s.id in (l.a, l.b))
          select from same where same.id = v.person)
        and not exists (select from audit.entry g where ${of('g')} and g.trail = e.trail and g.type = 'privacy.erased/1')`,
    'evidence-without-event': sql`
      select v.id as what from evidence v where ${of('v')}
        and not exists (select from inbox i where ${of('i')} and i.event_key = v.event_key)`,
    /** Taken back by what never came in. */
    'withdrawal-lost': sql`
      select v.id as what from evidence v where ${of('v')} and v.withdrawn_by is not null
        and not exists (select from evidence w where ${of('w')} and w.id = v.withdrawn_by)`,
    /** A number that stands for no event: put there so that no gap shows. */
    'number-without-event': sql`
      select q.source || ' ' || q.sequence as what from emitter_sequence q where ${of('q')}
        and not exists (select from inbox i where ${of('i')} and i.event_key = q.event_key)`,
    'dead-letter-untold': sql`
      select d.id as what from dead_letter d where ${of('d')} and d.state = 'discarded' and not exists (select from audit.entry e
        where ${of('e')} and e.type = 'dead-letter.discarded/1' and ${data} ->> 'deadLetter' = d.id)`,
    /** Two persons' acts do not stand behind it, or behind another successor, whatever its row says (E4, G6). */
    'revocation-unapproved': sql`
      select r.id as what from revocation r where ${of('r')} and r.state in ('approved', 'executed') and not (
        coalesce(r.proposed_by <> r.approved_by, false)
        and ${told(sql`r.case_id || ':revocation.proposed:' || r.id`, 'revocation.proposed/1', sql`by = ${refOf(sql`r.proposed_by`)}`, sameSuccessor)}
        and ${told(sql`r.case_id || ':revocation.approved:' || r.id`, 'revocation.approved/1', sql`by = ${refOf(sql`r.approved_by`)}`, sameSuccessor)})`,
    /** Asked to decide, and no entry tells of it. */
    'appointment-untold': sql`
      select a.case_id || ' ' || a.role as what from case_appointment a join cases c on c.id = a.case_id where ${of('a')}
        and not exists (select from audit.entry e where ${of('e')} and e.trail = c.trail and e.type = 'approver.appointed/1'
          and ${data} ->> 'role' = a.role and ${data} ->> 'person' = ${refOf(sql`a.person`)})`,
    /** Signed under another key than was told, or valid until another time. */
    'signature-differs': sql`
      select x.id as what from credential x where ${of('x')} and ${told(
        sql`x.case_id || ':credential.issued:' || x.id || ':' || x.format`,
        'credential.issued/1',
        sql`(said ->> 'kid' <> x.kid or said ->> 'validUntil' <> coalesce(${moment(sql`x.valid_until`)}, 'open'))`,
      )}`,
    /** Its row says another time or digest than the intention, or a time before its clearance. */
    'signature-misdated': sql`
      select x.id as what from credential x join signing_request s on ${of('s')} and s.credential_id = x.id join cases c on c.id = x.case_id
      where ${of('x')} and (x.issued_at <> s.issued_at
        or (x.digest <> s.document_digest and not exists (
          select from credential y where ${of('y')} and y.id = x.id and y.format <> x.format))
        or s.issued_at < (select max(e.at) from audit.entry e where ${of('e')} and e.trail = c.trail and e.type = 'issuance.cleared/1'))`,
    /** Its bit is read from another place than the one that was signed. */
    'slot-moved': sql`
      select said ->> 'credential' as what from ${read}
      where ${of('e')} and e.type = 'signing.requested/1' and said ? 'slot' and not exists (select from status_slot s where ${of('s')}
        and s.credential_id = said ->> 'credential' and s.list_id || '/' || s.slot = said ->> 'slot')`,
    /** What opens the digests of an entry is gone, and nobody erased it. */
    'disclosure-lost': sql`
      select e.trail || '/' || e.n as what from (
        select e.trail, e.n, jsonb_array_length(convert_from(e.leaf, 'UTF8')::jsonb -> '_sd') as digests
        from audit.entry e where ${of('e')} and ${mentions('_sd')} offset 0) as e
      left join (select d.trail, d.n, count(*) as kept from audit.disclosure d where ${of('d')} group by d.trail, d.n) as d
        on d.trail = e.trail and d.n = e.n
      where e.digests > coalesce(d.kept, 0)
        and not exists (select from audit.entry g where ${of('g')} and g.trail = e.trail and g.type = 'privacy.erased/1')`,
    /** More persons' keys are destroyed than erasures told of. */
    'key-destroyed-untold': sql`
      select 'subject keys' as what where (select count(*) from subject_key k where ${of('k')} and k.wrapped is null)
        > (select coalesce(sum((x.counts ->> 'keys')::int), 0) from erasure x where ${of('x')} and x.state = 'executed')`,
    /** The trail's facts are another person's than the case says. */
    'person-differs': sql`
      select c.id as what from cases c where ${of('c')}
        and exists (select from audit.disclosure d where ${of('d')} and d.trail = c.trail)
        and not exists (select from audit.disclosure d where ${of('d')} and d.trail = c.trail and (d.subject = c.person
          or exists (select from person_link l where ${of('l')} and least(l.a, l.b) = least(d.subject, c.person)
            and greatest(l.a, l.b) = greatest(d.subject, c.person))))`,
    /** A reference or link that came with a fact is of other persons than the fact. */
    'reference-differs': sql`
      select r.person as what from person_reference r join evidence v on ${of('v')} and r.origin = 'assertion:' || v.id
      where ${of('r')} and v.person <> r.person and not exists (select from person_link l where ${of('l')}
        and least(l.a, l.b) = least(v.person, r.person) and greatest(l.a, l.b) = greatest(v.person, r.person))
      union select k.a || ' ' || k.b from person_link k join evidence v on ${of('v')} and k.origin = 'assertion:' || v.id
      where ${of('k')} and v.person not in (k.a, k.b) and not exists (select from person_link l where ${of('l')} and l.origin <> k.origin
        and v.person in (l.a, l.b) and (l.a in (k.a, k.b) or l.b in (k.a, k.b)))`,
    /** The trail tells that it was revoked, and the row or the bit that says so is gone. */
    'revocation-undone': gone(
      'credential.revoked/1',
      'credential',
      sql`not (exists (select from status_slot s where s.credential_id = said ->> 'credential' and s.value <> 0)
        and exists (select from revocation r where r.id = said ->> 'revocation' and r.state = 'executed'))`,
    ),
    /** A published key that no entry tells of, or in another state than was told. */
    'key-untold': sql`
      select k.kid as what from issuer_key k cross join lateral (
        select k.status || ':' || ${moment(sql`k.valid_from`)} || ':' || coalesce(${moment(sql`k.valid_until`)}, 'open') as span) as now
      where ${of('k')} and (not ${told(sql`'key:' || k.kid || ':created'`, 'key.created/1')}
        or not (k.status = 'active' and k.valid_until is null
          or ${told(sql`'key:' || k.kid || ':' || now.span`, 'key.rotated/1')}
          or ${told(sql`'key:' || k.kid || ':created'`, 'key.created/1', sql`said ->> 'window' = now.span`)}))`,
    /** Another key under the name of one that was told: the name ends in its thumbprint (RFC 7638). */
    'key-differs': sql`
      select k.kid as what from issuer_key k where ${of('k')} and k.kid like '%/keys/%' and right(k.kid, 43) <> translate(rtrim(encode(sha256(convert_to(
        '{"crv":"' || (k.jwk ->> 'crv') || '","kty":"' || (k.jwk ->> 'kty') || '","x":"' || (k.jwk ->> 'x') || '"'
          || coalesce(',"y":"' || (k.jwk ->> 'y') || '"', '') || '}', 'UTF8')), 'base64'), '='), '+/', '-_')`,
    'key-lost': gone(
      'key.created/1',
      'kid',
      sql`not exists (select from issuer_key k where ${of('k')} and k.kid = said ->> 'kid')`,
    ),
    'hold-untold': sql`
      select h.id as what from legal_hold h where ${of('h')} and (not ${told(sql`h.id || ':placed'`, 'hold.placed/1')}
        or (h.lifted_at is not null and not ${told(sql`h.id || ':lifted'`, 'hold.lifted/1')}))`,
    'hold-lost': gone(
      'hold.placed/1',
      'hold',
      sql`not exists (select from legal_hold h where ${of('h')} and h.id = said ->> 'hold')`,
    ),
    'protection-untold': sql`
      select 'since ' || ${moment(sql`p.marked_at`)} as what from protected_person p where ${of('p')} and (
        not ${endsWith('person.protected/1', sql`':protected:' || ${moment(sql`p.marked_at`)}`)}
        or (p.ended_at is not null and not ${endsWith('person.unprotected/1', sql`':unprotected:' || ${moment(sql`p.marked_at`)}`)}))`,
    'protection-lost': sql`
      select 'since ' || right(e.entry_id, 24) as what from audit.entry e where ${of('e')} and e.type = 'person.protected/1'
        and not exists (select from protected_person p where ${of('p')} and ${moment(sql`p.marked_at`)} = right(e.entry_id, 24))`,
    /** Said to be carried out, and it was not by us. */
    'erasure-untold': sql`
      select x.id as what from erasure x where ${of('x')} and x.state = 'executed'
        and not ${told(sql`'institution:erased:' || x.id`, 'privacy.erased/1')}`,
    'erasure-lost': gone(
      'privacy.erased/1',
      'erasure',
      sql`not exists (select from erasure x where ${of('x')} and x.id = said ->> 'erasure' and x.state = 'executed')`,
    ),
    /** What was erased is there, again or still. */
    'erasure-undone': sql`
      select x.id as what from erasure x where ${of('x')} and x.state = 'executed' and (
        ('identity' = any(x.classes) and exists (
          select from subject_key k where ${of('k')} and k.subject = x.person and k.wrapped is not null))
        or ('disclosures' = any(x.classes) and x.case_id is null and exists (
          select from audit.disclosure d join audit.entry e using (institution, trail, n)
          where ${of('d')} and d.subject = x.person and e.at < x.ended_at))
        or ('facts' = any(x.classes) and x.case_id is null and exists (
          select from evidence v where ${of('v')} and v.person = x.person and v.received_at < x.ended_at))
        or exists (select from cases c where ${of('c')} and c.person = x.person and (x.case_id is null or c.id = x.case_id) and (
          ('judgements' = any(x.classes) and exists (
            select from verdict v where ${of('v')} and v.case_id = c.id and octet_length(v.input) > 0 and v.at < x.ended_at))
          or ('credentials' = any(x.classes) and exists (
            select from credential d where ${of('d')} and d.case_id = c.id and octet_length(d.body) > 0 and d.stored_at < x.ended_at)))))`,
    /** Told to the world in our name, and not so. */
    'announcement-untold': sql`
      select o.id as what from outbox o where ${of('o')} and o.kind = 'event' and (
        (o.payload ->> 'type' = 'org.beviskedja.credential.issued.v1'
          and not exists (select from credential x where x.id = o.payload -> 'data' ->> 'credentialId'))
        or (o.payload ->> 'type' = 'org.beviskedja.credential.status-changed.v1'
          and not exists (select from revocation r where r.credential_id = o.payload -> 'data' ->> 'credentialId' and r.state = 'executed')))`,
  } as const satisfies Readonly<Record<string, SQL>>
}
