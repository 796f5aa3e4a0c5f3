/** Which files a command line means: a folder stands for the credentials in it, so that nobody has to list a thousand. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { CliError } from './cli-error.ts'

/** Files as they are, folders as every `.jwt` in and below them but status lists, in the order of their names; an exported case may have none. @throws CliError `input/no-credentials` */
export function credentialFiles(words: readonly string[]): string[] {
  return words.flatMap((word) => {
    if (word === '-' || statSync(word, { throwIfNoEntry: false })?.isDirectory() !== true) return [word]
    const found = readdirSync(word, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.jwt') && basename(entry.parentPath) !== 'status-lists')
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
    if (found.length > 0 || existsSync(join(word, 'trail.json'))) return found
    const mend = 'give the files themselves, or a folder with files <name>.jwt'
    throw new CliError({ exit: 'not-found', code: 'input/no-credentials', what: `${word} has no .jwt in it`, mend })
  })
}
