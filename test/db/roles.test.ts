/** Contracts §4 against the real database: every role tries every write of every other, and every institution the other's rows. */
import { randomUUID } from 'node:crypto'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditOwner, callers, type Role, rights, roles } from '#db/rights.ts'
import { ensureRoles, scramVerifier } from '#db/roles.ts'
import { rolePasswords } from '#dev/roles.ts'
import { caseStates, isEnd } from '#domain/issuance/state.ts'
import { type Ground, makeGround, north, south } from './ground.ts'

/** What contracts §4 lets each role write, told a second time and without columns, so that `rights.ts` is not its own judge. */
const writes: Readonly<Record<Role, Readonly<Record<string, readonly string[]>>>> = {
  bevis_intake: {
    'public.inbox': ['insert', 'update'],
    'public.emitter_sequence': ['insert'],
    'public.evidence': ['insert', 'update'],
    'public.cases': ['insert', 'update'],
    'public.review': ['insert'],
    'public.dead_letter': ['insert', 'update'],
    'public.person_reference': ['insert'],
    'public.person_link': ['insert'],
    'public.subject_key': ['insert'],
    'public.outbox': ['insert', 'update'],
  },
  bevis_pipeline: {
    'public.rule_set': ['insert'],
    'public.verdict': ['insert'],
    'public.cases': ['update'],
    'public.case_appointment': ['insert', 'update'],
    'public.review': ['insert'],
    'public.revocation': ['update'],
    'public.erasure': ['insert', 'update'],
    'public.subject_key': ['insert'],
    'public.outbox': ['insert'],
  },
  bevis_api: {
    'public.institution': ['insert', 'update'],
    'public.record': ['update'],
    'public.status_list': ['update'],
    'public.register_item': ['insert', 'update'],
    'public.register_proposal': ['insert', 'update'],
    'public.person_reference': ['insert'],
    'public.person_link': ['insert'],
    'public.subject_key': ['insert'],
    'public.cases': ['update'],
    'public.case_appointment': ['insert', 'update'],
    'public.decision': ['insert'],
    'public.decision_list': ['insert', 'update'],
    'public.kept_request': ['insert', 'update', 'delete'],
    'public.dead_letter': ['update'],
    'public.review': ['update'],
    'public.revocation': ['insert', 'update'],
    'public.erasure': ['insert', 'update'],
    'public.legal_hold': ['insert', 'update'],
    'public.protected_person': ['insert', 'update'],
    'public.outbox': ['insert', 'update'],
  },
  bevis_signing: {
    'public.signing_request': ['insert', 'update'],
    'public.credential': ['insert'],
    'public.status_list': ['insert', 'update'],
    'public.status_slot': ['insert', 'update'],
    'public.issuer_key': ['insert', 'update'],
    'public.revocation': ['update'],
    'public.cases': ['update'],
    'public.subject_key': ['insert'],
  },
  bevis_relay: { 'public.outbox': ['update'] },
  bevis_sequencer: {
    'audit.leaf': ['insert'],
    'audit.tile': ['insert', 'update'],
    'audit.log': ['insert', 'update'],
    'audit.checkpoint': ['insert'],
    'audit.anchor': ['insert'],
    'audit.pending': ['update', 'delete'],
  },
  bevis_auditor: {},
}

/** Tells of the record as a whole and of no institution (docs/decisions/0043). */
const ofAll = 'public.record'

let ground: Ground
let tables: { name: string; columns: string[]; tenant: boolean }[]
beforeAll(async () => {
  ground = await makeGround()
  tables = await ground.admin`
    select n.nspname || '.' || c.relname as name, array_agg(a.attname::text order by a.attnum) as columns,
           bool_or(a.attname = 'institution') as tenant
    from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid
    where c.relkind in ('r', 'p', 'v', 'm') and n.nspname in ('public', 'audit') and a.attnum > 0 and not a.attisdropped
      and a.attgenerated = ''
    group by 1 order by 1`
})
afterAll(() => ground.dispose())

/** True when the server refuses for lack of rights, false when it would have done it (or failed for another reason). */
async function isDenied(role: Role, statement: string): Promise<boolean> {
  try {
    await ground.as(role).sql.begin(async (tx) => {
      await tx.unsafe(statement)
      throw new Error('take it back')
    })
    return false
  } catch (error) {
    return error instanceof postgres.PostgresError && error.code === '42501' && error.message.startsWith('permission')
  }
}

/** One statement per way of writing; none touches a row. */
const attempts: Readonly<Record<string, (table: string, columns: readonly string[]) => string[]>> = {
  insert: (table) => [`insert into ${table} default values`],
  update: (table, columns) => columns.map((column) => `update ${table} set ${column} = default where false`),
  delete: (table) => [`delete from ${table} where false`],
  truncate: (table) => [`truncate ${table}`],
}

describe('every role tries every write on every table', () => {
  for (const role of roles) {
    test(`${role} can write what is its own and nothing else`, async () => {
      const can: Record<string, string[]> = {}
      for (const { name, columns } of tables) {
        for (const [verb, statements] of Object.entries(attempts)) {
          const denied = await Promise.all(statements(name, columns).map((one) => isDenied(role, one)))
          if (denied.some((is) => !is)) (can[name] ??= []).push(verb)
        }
      }
      expect(can).toEqual(writes[role])
    })
  }

  test('everybody reads the log that migrations keep, nobody can touch it', async () => {
    const writes = [
      "insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)",
      'update drizzle.__drizzle_migrations set created_at = 1',
      'delete from drizzle.__drizzle_migrations',
    ]
    for (const role of roles) {
      expect(await isDenied(role, 'select created_at from drizzle.__drizzle_migrations'), role).toBe(false)
      for (const write of writes) expect(await isDenied(role, write), role).toBe(true)
    }
  })
})

describe('columns', () => {
  const cannot: readonly (readonly [Role, string, string])[] = [
    ['bevis_intake', 'cases', 'state'],
    ['bevis_intake', 'cases', 'level'],
    ['bevis_pipeline', 'cases', 'evidence_version'],
    ['bevis_pipeline', 'cases', 'person'],
    ['bevis_api', 'cases', 'state'],
    ['bevis_api', 'cases', 'evidence_level'],
    ['bevis_signing', 'cases', 'level'],
    ['bevis_api', 'institution', 'origin'],
    ['bevis_api', 'register_item', 'body'],
    ['bevis_pipeline', 'revocation', 'approved_by'],
    ['bevis_signing', 'revocation', 'approved_by'],
    ['bevis_pipeline', 'erasure', 'decided_by'],
    ['bevis_pipeline', 'erasure', 'proposed_by'],
    ['bevis_api', 'erasure', 'counts'],
    ['bevis_api', 'legal_hold', 'person'],
    ['bevis_relay', 'outbox', 'payload'],
    ['bevis_signing', 'issuer_key', 'jwk'],
  ]
  for (const [role, table, column] of cannot) {
    test(`${role} cannot change ${table}.${column}`, async () => {
      expect(await isDenied(role, `update ${table} set ${column} = default where false`)).toBe(true)
    })
  }
})

describe('what the catalogue says', () => {
  test('every table has its line in the rights, and every line its table', () => {
    expect(tables.map(({ name }) => name)).toEqual(Object.keys(rights).toSorted())
  })

  test('the rights granted are those of the page, to the column', async () => {
    const rows = await ground.admin<{ line: string }[]>`
      select distinct grantee || ' ' || lower(privilege_type) || ' ' || table_schema || '.' || table_name || '.' || column_name as line
      from information_schema.column_privileges where grantee like 'bevis\\_%' and grantee <> ${auditOwner}
        and table_schema <> 'drizzle'`
    const declared = tables.flatMap(({ name, columns }) =>
      Object.entries(rights[name] ?? {}).flatMap(([role, text]) =>
        parts(text).flatMap(({ verb, only }) =>
          verb === 'delete' ? [] : (only ?? columns).map((column) => `bevis_${role} ${verb} ${name}.${column}`),
        ),
      ),
    )
    const granted = rows.map((row) => row.line).filter((line) => !line.endsWith('audit.entry.leaf_hash'))
    expect(granted.toSorted()).toEqual(
      [...new Set(declared)].filter((line) => !line.endsWith('leaf_hash') || !line.includes('audit.entry')).toSorted(),
    )
  })

  test('no runtime role owns, inherits or overrules anything', async () => {
    const owned = await ground.admin`
      select r.rolname from pg_shdepend d join pg_roles r on r.oid = d.refobjid
      where d.deptype = 'o' and r.rolname = any(${[...roles]})`
    const memberships = await ground.admin`
      select m.rolname from pg_auth_members a join pg_roles m on m.oid = a.member where m.rolname = any(${[...roles]})`
    const strong = await ground.admin`
      select rolname from pg_roles where rolname = any(${[...roles, auditOwner]})
        and (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication)`
    expect({ owned: [...owned], memberships: [...memberships], strong: [...strong] }).toEqual({
      owned: [],
      memberships: [],
      strong: [],
    })
  })

  test('schema audit belongs to somebody who cannot log in', async () => {
    const owners = await ground.admin<{ owner: string; login: boolean }[]>`
      select distinct r.rolname as owner, r.rolcanlogin as login
      from pg_roles r where r.oid in (
        select relowner from pg_class where relnamespace = 'audit'::regnamespace
        union select proowner from pg_proc where pronamespace = 'audit'::regnamespace
        union select nspowner from pg_namespace where nspname = 'audit')`
    expect([...owners]).toEqual([{ owner: auditOwner, login: false }])
  })

  test('every table with an institution has forced row-level security', async () => {
    const open = await ground.admin`
      select c.oid::regclass::text as name from pg_class c
      where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'audit'::regnamespace) and c.oid <> ${ofAll}::regclass
        and not (c.relrowsecurity and c.relforcerowsecurity
          and exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'one_institution'))`
    expect(tables.filter(({ tenant }) => !tenant).map(({ name }) => name)).toEqual([ofAll])
    expect([...open]).toEqual([])
  })

  test('functions that act as their owner pin their search path', async () => {
    const loose = await ground.admin`
      select p.oid::regprocedure::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'audit'::regnamespace) and p.prosecdef
        and not coalesce(p.proconfig @> array['search_path=pg_catalog, pg_temp'], false)`
    expect([...loose]).toEqual([])
  })

  test('roles can call the functions of the page and no others', async () => {
    const rows = await ground.admin<{ name: string; callable: string[] }[]>`
      select n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as name,
        array(select r from unnest(${[...roles]}::text[]) r where has_function_privilege(r, p.oid, 'execute') order by r) as callable
      from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname in ('public', 'audit') and p.prokind = 'f'`
    const callable = rows.filter((row) => row.callable.length > 0).map((row) => row.name.split('(')[0])
    expect(new Set(callable)).toEqual(new Set(Object.keys(callers).map((name) => name.split('(')[0])))
    const append = rows.find((row) => row.name.startsWith('audit.append('))
    const speakers = ['bevis_api', 'bevis_intake', 'bevis_pipeline', 'bevis_sequencer', 'bevis_signing']
    expect(append?.callable).toEqual(speakers)
  })

  test('the function that raises versions is called by those who learn of changed facts or rules, and its owner cannot log in', async () => {
    const [row] = await ground.admin<{ callable: string[]; owner: string; definer: boolean }[]>`
      select array(select r from unnest(${[...roles]}::text[]) r where has_function_privilege(r, p.oid, 'execute') order by r) as callable,
        pg_get_userbyid(proowner) as owner, prosecdef as definer
      from pg_proc p where proname = 'raise_evidence_versions'`
    expect(row).toEqual({ callable: ['bevis_api', 'bevis_intake', 'bevis_pipeline'], owner: auditOwner, definer: true })
  })

  test('the functions that act as their owner may do what they are for, and their owner cannot log in', async () => {
    const granted = await ground.admin<{ line: string }[]>`
      select line from (
        select lower(privilege_type) || ' ' || table_name || '.' || column_name as line from information_schema.column_privileges
        where grantee = ${auditOwner} and table_schema = 'public' and table_name not in ('institution', 'erasure') and privilege_type <> 'SELECT'
        union select lower(privilege_type) || ' ' || table_name from information_schema.table_privileges
        where grantee = ${auditOwner} and table_schema = 'public' and privilege_type in ('DELETE', 'TRUNCATE')
      ) as all_of_them order by line`
    expect(granted.map(({ line }) => line)).toEqual([
      'delete dead_letter',
      'delete evidence',
      'delete kept_request',
      'delete person_link',
      'delete person_reference',
      'insert subject_key.destroyed_at',
      'insert subject_key.institution',
      'insert subject_key.subject',
      'insert subject_key.wrapped',
      'update cases.changed_at',
      'update cases.evidence_version',
      'update credential.body',
      'update credential.digest',
      'update decision.detail',
      'update decision.idempotency_key',
      'update decision.seen',
      'update inbox.content',
      'update inbox.payload',
      'update inbox.state',
      'update inbox.unresolved',
      'update register_item.body',
      'update register_item.digest',
      'update register_item.personal',
      'update revocation.detail',
      'update revocation.idempotency_key',
      'update signing_request.document_digest',
      'update subject_key.destroyed_at',
      'update subject_key.wrapped',
      'update verdict.input',
      'update verdict.input_digest',
      'update verdict.input_salt',
      'update verdict.result',
    ])
    const [erase] = await ground.admin<{ callable: string[]; owner: string; definer: boolean }[]>`
      select array(select r from unnest(${[...roles]}::text[]) r where has_function_privilege(r, p.oid, 'execute') order by r) as callable,
        pg_get_userbyid(proowner) as owner, prosecdef as definer
      from pg_proc p where proname = 'erase'`
    expect(erase).toEqual({ callable: ['bevis_pipeline'], owner: auditOwner, definer: true })
  })

  test('no role can make objects in our schemas', async () => {
    for (const role of roles) {
      expect(await isDenied(role, 'create table public.mine (x int)'), role).toBe(true)
      expect(await isDenied(role, 'create table audit.mine (x int)'), role).toBe(true)
    }
  })
})

describe('one institution never meets another', () => {
  /** A row of the other institution in every table, made with triggers and checks out of the way. */
  async function seed(): Promise<void> {
    await ground.admin.begin(async (tx) => {
      await tx`select set_config('app.institution', ${south}, true)`
      for (const { name } of tables.filter((table) => table.tenant && table.name !== 'public.institution')) {
        await tx.unsafe(await rowFor(name))
      }
    })
  }
  /** Values that fit the types; meaning does not matter here. */
  async function rowFor(table: string): Promise<string> {
    const columns = await ground.admin<{ name: string; type: string }[]>`
      select attname as name, format_type(atttypid, null) as type from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attnotnull and attgenerated = ''
        and (not atthasdef or attname = 'leaf_hash')`
    const value = (column: { name: string; type: string }) =>
      column.name === 'institution'
        ? `'${south}'`
        : ({
            text: `'x'`,
            uuid: `'${randomUUID()}'`,
            jsonb: `'{}'`,
            bytea: `'\\x00'`,
            boolean: 'true',
            'text[]': `'{}'`,
          }[column.type] ?? (column.type.startsWith('timestamp') ? 'now()' : '1'))
    return table === 'audit.entry'
      ? `insert into audit.entry (institution, trail, n, entry_id, type, at, actor_kind, leaf)
         select '${south}', trail, 1, 'x', 'x', at, 'service', convert_to(jsonb_build_object('v', 'bevis-audit/1', 'trail', trail::text, 'n', 1,
           'id', 'x', 'type', 'x', 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'actor',
           jsonb_build_object('kind', 'service'), 'log', 'log.example.test/${south}')::text, 'UTF8')
         from (select gen_random_uuid() as trail, date_trunc('second', now()) as at) as one`
      : `insert into ${table} (${[...columns.map((c) => c.name), ...(table === 'public.dead_letter' ? ['institution'] : [])].join(', ')})
         values (${[...columns.map(value), ...(table === 'public.dead_letter' ? [`'${south}'`] : [])].join(', ')})`
  }

  test('no role bound to one sees or makes a row of the other; bound to none it sees nothing', async () => {
    await seed()
    const leaks: string[] = []
    for (const { name } of tables.filter(({ tenant }) => tenant)) {
      for (const role of roles.filter((one) => reads(one, name))) {
        const outbox = role === 'bevis_relay' && name === 'public.outbox'
        const theirs = await countAs(role, name, { bound: north, of: south })
        const unbound = await countAs(role, name, { bound: '', of: south })
        if (!outbox && (theirs > 0 || unbound > 0)) leaks.push(`${role} reads ${name}`)
        if ((await countAs(role, name, { bound: south, of: south })) === 0) leaks.push(`nothing to see in ${name}`)
      }
      for (const role of roles.filter((one) => writes[one][name]?.includes('insert') === true)) {
        if (!(await isRowRefused(role, await rowFor(name)))) leaks.push(`${role} inserts into ${name}`)
      }
    }
    expect(leaks).toEqual([])
  })

  test('the relay reads and marks the outbox of all, and of anybody else only counts', async () => {
    await ground.admin`insert into outbox (id, institution, kind, target, payload)
      values ('n1', ${north}, 'event', 'x', '{}'), ('s1', ${south}, 'event', 'x', '{}') on conflict do nothing`
    const marked = await ground.as('bevis_relay').sql`
      update outbox set done_at = now() where id in ('n1', 's1') returning id`
    expect(new Set(marked.map((row) => row['id']))).toEqual(new Set(['n1', 's1']))
    const others = Object.entries(rights).flatMap(([name, { relay }]) =>
      relay === undefined || name === ofAll || name === 'public.outbox' ? [] : [[name, relay] as const],
    )
    // Counts for operators: columns that say how many and how old, one institution at a time.
    expect(others.map(([name]) => name)).toEqual([
      'public.dead_letter',
      'public.cases',
      'public.status_list',
      'public.issuer_key',
    ])
    for (const [, relay] of others) expect(relay).toMatch(/^select \([a-z_, ]+\)$/)
    for (const [, relay] of others) expect(relay).not.toMatch(/person|payload|id\b|jwk/)
  })

  test('a dead letter of nobody is seen by intake only', async () => {
    const intake = ground.as('bevis_intake').sql
    await intake`insert into dead_letter (id, stream, subject, code, problems, payload, headers, digest)
      values ('homeless', 's', 'x', 'unreadable', '[]', '\\x00', '\\x00', '\\x00')`
    expect(await intake`select id from dead_letter`).toHaveLength(1)
    expect(await countAs('bevis_api', 'public.dead_letter', { bound: north, of: null })).toBe(0)
    expect(await countAs('bevis_auditor', 'public.dead_letter', { bound: south, of: null })).toBe(0)
  })

  test('everybody may know which institutions there are', async () => {
    for (const role of roles) {
      const rows = await ground.as(role).sql`select institution_ids() as id`
      expect(
        rows.map((row) => row['id']),
        role,
      ).toEqual([north, south])
    }
  })

  test('rows of an institution whose register is gone are named, table by table, to whoever is bound to another', async () => {
    const gone = new Error('undone')
    const ofSouth = tables.filter(({ tenant, name }) => tenant && name !== 'public.institution').map(({ name }) => name)
    await ground.admin
      .begin(async (tx) => {
        await tx`delete from institution where institution = ${south}`
        await tx`set local role bevis_pipeline`
        await tx`select set_config('app.institution', ${north}, true)`
        const rows = await tx<{ what: string }[]>`select unregistered() as what`
        const named = ofSouth.map((name) => `${south} in ${name}`)
        expect(rows.map(({ what }) => what).toSorted()).toEqual(named.toSorted())
        throw gone
      })
      .catch((error: unknown) => {
        if (error !== gone) throw error
      })
    expect(await ground.as('bevis_pipeline').sql`select unregistered() as what`).toEqual([])
  })

  function reads(role: Role, table: string): boolean {
    const text = rights[table]?.[role.replace('bevis_', '') as 'api'] ?? ''
    return parts(text).some(({ verb }) => verb === 'select')
  }

  async function countAs(role: Role, table: string, who: { bound: string; of: string | null }): Promise<number> {
    const [row] = await ground.as(role).sql.begin(async (tx) => {
      await tx`select set_config('app.institution', ${who.bound}, true)`
      const whose = who.of === null ? 'institution is null' : `institution = '${who.of}'`
      return tx.unsafe<{ count: number }[]>(`select count(*)::int as count from ${table} where ${whose}`)
    })
    return row?.count ?? -1
  }

  async function isRowRefused(role: Role, insert: string): Promise<boolean> {
    const outcome = await ground
      .as(role)
      .sql.begin(async (tx) => {
        await tx`select set_config('app.institution', ${north}, true)`
        await tx.unsafe(insert)
      })
      .then(
        () => 'done',
        (error: unknown) => (error instanceof postgres.PostgresError ? error.code : 'another error'),
      )
    return outcome === '42501'
  }
})

describe('raising evidence versions', () => {
  const versionOf = async (id: string) =>
    (await ground.admin<{ version: number }[]>`select evidence_version as version from cases where id = ${id}`)[0]
      ?.version
  const openCase = (state: string, institution: string = north) => {
    const id = `case_${randomUUID()}`
    return ground.admin.begin(async (tx) => {
      await tx`select set_config('app.institution', ${institution}, true)`
      await tx`insert into cases (id, institution, person, achievement, achievement_version, offering, attempt, event_key, trail,
          state, step, promised, test)
        values (${id}, ${institution}, ${id}, 'a', 1, 'o', 1, '\\x00', ${randomUUID()}, ${state}, 'open', 'E', true)`
      return id
    })
  }
  const raise = (role: Role, ids: readonly string[], bound: string = north) =>
    ground.as(role).sql.begin(async (tx) => {
      await tx`select set_config('app.institution', ${bound}, true)`
      return tx`select case_id, version from raise_evidence_versions(${[...ids]}::text[]) order by case_id`
    })

  test('adds one to running cases and leaves every end as it is', async () => {
    const ids = await Promise.all(caseStates.map((state) => openCase(state)))
    const raised = await raise('bevis_api', ids)
    const running = ids.filter((_, index) => !isEnd(caseStates[index] ?? 'received'))
    expect(new Set(raised.map((row) => row['case_id']))).toEqual(new Set(running))
    for (const id of ids) expect(await versionOf(id)).toBe(running.includes(id) ? 2 : 1)
  })

  test('reaches no case of another institution, nor any where none is named', async () => {
    const theirs = await openCase('judging', south)
    expect(await raise('bevis_api', [theirs])).toHaveLength(0)
    expect(await raise('bevis_intake', [theirs], '')).toHaveLength(0)
    expect(await versionOf(theirs)).toBe(1)
  })

  test('is refused to everybody else', async () => {
    const callers: readonly Role[] = ['bevis_api', 'bevis_intake', 'bevis_pipeline']
    for (const role of roles.filter((one) => !callers.includes(one)))
      await expect(raise(role, []), role).rejects.toMatchObject({ code: '42501' })
  })
})

describe('the outbox', () => {
  const put = (role: Role, kind: string) => {
    const insert = ground.as(role).sql.begin(async (tx) => {
      await tx`select set_config('app.institution', ${north}, true)`
      await tx`insert into outbox (id, institution, kind, target, payload) values (${randomUUID()}, ${north}, ${kind}, 'x', '{}')`
    })
    return insert.then(
      () => 'put',
      (error: unknown) => (error instanceof postgres.PostgresError ? error.code : 'another error'),
    )
  }

  test('takes an Update from the API and the pipeline, never from intake', async () => {
    expect(await put('bevis_api', 'update')).toBe('put')
    expect(await put('bevis_pipeline', 'update')).toBe('put')
    expect(await put('bevis_intake', 'update')).toBe('42501')
    expect(await put('bevis_intake', 'start')).toBe('put')
  })

  test('lets intake and API mark wake-ups they handed over, never an event that should leave the house', async () => {
    await ground.admin`insert into outbox (id, institution, kind, target, payload)
      values ('wake', ${north}, 'signal', 'x', '{}'), ('news', ${north}, 'event', 'x', '{}')`
    for (const role of ['bevis_intake', 'bevis_api'] as const) {
      const marked = await ground.as(role).sql.begin(async (tx) => {
        await tx`select set_config('app.institution', ${north}, true)`
        return tx`update outbox set done_at = now() where id in ('wake', 'news') returning id`
      })
      expect(marked.map((row) => row['id'])).toEqual(['wake'])
    }
  })

  test('wakes who listens once a transaction has put something in', async () => {
    const heard = new Promise<string>((resolve) => {
      void ground.as('bevis_relay').sql.listen('bevis_outbox', resolve, () => void put('bevis_pipeline', 'event'))
    })
    expect(await heard).toBe('')
  })
})

describe('making the roles', () => {
  test('again, and many times at once, changes nothing and locks nobody out', async () => {
    const passwords = rolePasswords(ground.world.adminUrl)
    await Promise.all(Array.from({ length: 6 }, () => ensureRoles(ground.world.adminUrl, passwords)))
    for (const role of roles) {
      const sql = postgres(ground.world.url(role), { max: 1 })
      expect((await sql`select session_user::text as me`)[0]?.['me']).toBe(role)
      await sql.end()
    }
  })

  test('nobody gets in with another password', async () => {
    const url = new URL(ground.world.url('bevis_signing'))
    url.password = 'guessed'
    const sql = postgres(url.href, { max: 1 })
    await expect(sql`select 1`).rejects.toMatchObject({ code: '28P01' })
    await sql.end()
  })

  test('passwords are stored as salted verifiers', () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
    // The exchange of RFC 7677 §3: user `user`, password `pencil`.
    expect(scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    )
  })
})

/** `select, update (a, b)` taken apart. */
function parts(text: string): { verb: string; only?: string[] }[] {
  return [...text.matchAll(/(\w+)(?: \(([^)]*)\))?/g)].map(([, verb = '', only]) => ({
    verb,
    ...(only === undefined ? {} : { only: only.split(', ') }),
  }))
}
