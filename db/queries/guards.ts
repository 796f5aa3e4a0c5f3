/**
 * What the database itself forbids, held against what migrations and the page of rights made: without it a trigger that was lifted, or a
 * function that forgets, would be noticed by what it let through, if at all.
 */
import { readFileSync } from 'node:fs'
import { sql } from 'drizzle-orm'
import type { Tx } from '#db/client.ts'

/** Written by `vitest run test/db/guards.test.ts -u` after a migration or a change of rights. */
const page = new URL('../guards.json', import.meta.url)
const expected = new Set(JSON.parse(readFileSync(page, 'utf8')) as readonly string[])

/** Functions of ours under their digest, triggers, checks, row security with its policies, who may do what; one line each, in order. */
export async function guardsNow(tx: Tx): Promise<string[]> {
  const rows = await tx.execute<{ line: string }>(sql`
    with own as (
      select c.oid::regclass::text as name, c.* from pg_class c join pg_namespace s on s.oid = c.relnamespace
      where s.nspname in ('public', 'audit') and c.relkind = 'r' and not exists (
        select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
    ), ours as (select oid, rolname, rolsuper, rolbypassrls from pg_roles where starts_with(rolname, 'bevis_'))
    select line from (
      select 'function ' || p.oid::regprocedure || ' ' || case when p.proowner = to_regrole('bevis_audit_owner') then 'of bevis_audit_owner' else 'of the owner' end || case when p.prosecdef then ' definer ' else ' invoker ' end
          || encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex') as line
        from pg_proc p join pg_namespace s on s.oid = p.pronamespace where s.nspname in ('public', 'audit') and not exists (
          select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
      union all select 'trigger ' || o.name || ' ' || t.tgname || ' ' || t.tgenabled::text || ' ' || t.tgtype || ' ' || t.tgfoid::regproc
        from pg_trigger t join own o on o.oid = t.tgrelid where not t.tgisinternal
      union all select 'check ' || o.name || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
        from pg_constraint k join own o on o.oid = k.conrelid where k.contype = 'c'
      union all select 'unique ' || o.name || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
        from pg_constraint k join own o on o.oid = k.conrelid where k.contype in ('p', 'u')
      union all select 'unique ' || o.name || ' ' || pg_get_indexdef(x.indexrelid)
        from pg_index x join own o on o.oid = x.indrelid
        where x.indisunique and not exists (select from pg_constraint k where k.conindid = x.indexrelid and k.contype in ('p', 'u'))
      union all select 'row security ' || o.name || ' ' || case when o.relowner = to_regrole('bevis_audit_owner') then 'of bevis_audit_owner' else 'of the owner' end || case when o.relrowsecurity then ' on' else ' off' end
          || case when o.relforcerowsecurity then ', forced' else '' end from own o
      union all select 'policy ' || o.name || ' ' || y.polname || case when y.polpermissive then ' permits ' else ' restricts ' end || y.polcmd::text
          || ' ' || array(select r::regrole::text from unnest(y.polroles) as r order by 1)::text
          || ' using ' || coalesce(pg_get_expr(y.polqual, y.polrelid), '') || ' check ' || coalesce(pg_get_expr(y.polwithcheck, y.polrelid), '')
        from pg_policy y join own o on o.oid = y.polrelid
      union all select 'right ' || o.name || ' ' || r.rolname || ' ' || a.privilege_type
        from own o cross join lateral aclexplode(o.relacl) as a join ours r on r.oid = a.grantee
      union all select 'right ' || o.name || ' ' || r.rolname || ' ' || a.privilege_type || ' (' || l.attname || ')'
        from own o join pg_attribute l on l.attrelid = o.oid cross join lateral aclexplode(l.attacl) as a join ours r on r.oid = a.grantee
      union all select 'right ' || p.oid::regprocedure || ' ' || r.rolname || ' execute' from pg_proc p
        join pg_namespace s on s.oid = p.pronamespace cross join lateral aclexplode(p.proacl) as a join ours r on r.oid = a.grantee
        where s.nspname in ('public', 'audit')
      union all select 'role ' || r.rolname || case when r.rolsuper then ' superuser' else '' end
          || case when r.rolbypassrls then ' bypasses row security' else '' end from ours r
      union all select 'member ' || r.rolname || ' of ' || m.roleid::regrole from pg_auth_members m join ours r on r.oid = m.member
    ) as guards order by line collate "C"`)
  return rows.map(({ line }) => line)
}

/** What is lifted, changed or added, by its kind and name. */
export async function liftedGuards(tx: Tx): Promise<string[]> {
  const now = new Set(await guardsNow(tx))
  const gone = [...expected].filter((line) => !now.has(line))
  // A function beside ours harms nobody by itself; a trigger, policy or right beside ours does.
  const added = [...now].filter((line) => !expected.has(line) && !line.startsWith('function '))
  return [...new Set([...gone, ...added].map((line) => line.slice(0, 120)))]
}
