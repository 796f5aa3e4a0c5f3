/** Names behind pseudonyms, where a package tells them: a statement of the institution, which the log does not prove. */
import { parseStrict } from '#audit/canonical.ts'
import { AuditError } from '#audit/errors.ts'
import { isObject } from '#audit/shape.ts'
import type { PersonId } from '#domain/words.ts'

export interface People {
  nameOfRef(ref: string | undefined): string | undefined
  nameOfPerson(person: PersonId): string | undefined
}

interface Line {
  readonly ref?: string
  readonly id?: string
  readonly name?: string
}

/** Of `persons.json`; what is not of its shape names nobody. */
export function readPeople(bytes: Uint8Array | undefined): People {
  const lines = bytes === undefined ? [] : linesIn(bytes)
  const byRef = new Map(
    lines.flatMap(({ ref, name }) => (ref === undefined || name === undefined ? [] : [[ref, name]])),
  )
  const byId = new Map(lines.flatMap(({ id, name }) => (id === undefined || name === undefined ? [] : [[id, name]])))
  return {
    nameOfRef: (ref) => (ref === undefined ? undefined : byRef.get(ref)),
    nameOfPerson: (person) => byId.get(person),
  }
}

function linesIn(bytes: Uint8Array): Line[] {
  try {
    const value: unknown = parseStrict(bytes)
    if (!Array.isArray(value)) return []
    return value.filter(isObject).map((line) => ({
      ...textIn(line, 'ref'),
      ...textIn(line, 'id'),
      ...textIn(line, 'name'),
    }))
  } catch (error) {
    if (error instanceof AuditError) return []
    throw error
  }
}

function textIn(line: Record<string, unknown>, name: string): Record<string, string> {
  const value = line[name]
  return typeof value === 'string' && value.length <= 512 ? { [name]: value } : {}
}
